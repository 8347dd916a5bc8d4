"""Tests of ``askreport.notebooks``."""
