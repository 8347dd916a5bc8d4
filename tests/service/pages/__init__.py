"""Tests of ``askreport.service.pages``."""
