"""The pages that people read. The server renders all of them from the templates in ``web``."""
