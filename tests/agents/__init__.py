"""Tests of ``askreport.agents``."""
