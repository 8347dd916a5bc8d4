"""Ask your documents and read the sentence that answers, word for word, with its place."""
