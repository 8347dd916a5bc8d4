"""The project's figures, each printed by one of these."""
