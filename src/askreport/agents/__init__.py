"""The tools that agents call over the Model Context Protocol, and the server that offers them."""
