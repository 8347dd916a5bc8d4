"""Tests of ``askreport.service.shared``."""
