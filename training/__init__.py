"""Trains the reader that the package carries; nothing here is imported by the package."""
