"""The neural networks: the encoder makes vectors of texts, the scorer rates sentences against a question.

``reader_model`` holds the weights of the scorer that comes with the package.
"""
