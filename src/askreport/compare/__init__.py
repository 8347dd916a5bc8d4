"""Puts questions to documents side by side: a table of the best quote of each, filled as it comes, and its files."""
