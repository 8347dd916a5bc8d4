"""Tests of ``askreport.cli``."""
