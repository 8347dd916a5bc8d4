"""Tests of ``askreport.answering``."""
