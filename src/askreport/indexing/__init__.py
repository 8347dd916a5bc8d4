"""Indexing reads the sources, cuts and embeds what changed, and publishes the result to a store."""
