"""The way from a question to quotes: search, reading, the decision to refuse, and what explains it."""
