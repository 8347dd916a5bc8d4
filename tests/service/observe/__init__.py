"""Tests of ``askreport.service.observe``."""
