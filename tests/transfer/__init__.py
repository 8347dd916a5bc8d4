"""Tests of ``askreport.transfer``."""
