"""Tests of ``askreport.doctor``."""
