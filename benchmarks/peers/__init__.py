"""askreport beside libraries that do the same, with the same encoder."""
