"""The command line. Each module owns a group of commands, and ``main`` puts them together."""
