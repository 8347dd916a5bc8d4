"""Tests of ``askreport.service``."""
