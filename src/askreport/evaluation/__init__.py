"""Evaluation puts questions with known answers to a library and counts what it gets right."""
