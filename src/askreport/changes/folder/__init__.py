"""Changes to a library in a folder. One process at a time makes them, and it can watch the folder for more."""
