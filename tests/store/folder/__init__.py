"""Tests of ``askreport.store.folder``."""
