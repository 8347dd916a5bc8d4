"""Tests of ``askreport.changes.postgres``."""
