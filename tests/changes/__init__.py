"""Tests of ``askreport.changes``."""
