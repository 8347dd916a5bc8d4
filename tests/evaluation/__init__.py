"""Tests of ``askreport.evaluation``."""
