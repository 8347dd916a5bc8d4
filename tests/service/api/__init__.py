"""Tests of ``askreport.service.api``."""
