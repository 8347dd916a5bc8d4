"""Tests of ``askreport.prose``."""
