"""Tests of ``askreport.text``."""
