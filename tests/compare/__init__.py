"""Tests of ``askreport.compare``."""
