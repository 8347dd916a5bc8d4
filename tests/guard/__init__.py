"""Tests of ``askreport.guard``."""
