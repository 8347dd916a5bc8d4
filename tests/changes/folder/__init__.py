"""Tests of ``askreport.changes.folder``."""
