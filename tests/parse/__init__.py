"""Tests of ``askreport.parse``."""
