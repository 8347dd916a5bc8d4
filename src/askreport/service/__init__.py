"""The web service: the API, the pages, and the server that runs them."""
