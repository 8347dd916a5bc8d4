"""Text and its parts: passages, sentences, words and quotations.

Nothing here reads a file or asks the store.
"""
