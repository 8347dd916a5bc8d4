"""Whole libraries on the move: backup and restore, and copies between a folder and PostgreSQL."""
