"""Tests of ``askreport.parse.pdf``."""
