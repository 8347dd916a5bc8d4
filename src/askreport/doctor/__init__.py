"""Checks of an installation: a library in a folder, a library in PostgreSQL, and a running service."""
