"""Tests of ``askreport.indexing``."""
