"""Tests of ``askreport.store.postgres``."""
