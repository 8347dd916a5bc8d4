"""Prose about an answer: a language model writes it, and each sentence is checked against the quotes."""
