"""Tests of ``askreport.models``."""
