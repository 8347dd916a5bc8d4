"""Changes to a library in PostgreSQL. Jobs wait in a queue there, and workers on any node take them."""
