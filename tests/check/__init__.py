"""Tests of ``askreport.check``."""
