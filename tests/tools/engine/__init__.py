"""Real PostgreSQL, from packages and without root's rights: one server, or a cluster of three nodes on this machine."""
