"""The store in a folder. It owns generations, their segments, and the caches beside them."""
