"""Tests of ``askreport.store``."""
