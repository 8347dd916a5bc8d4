"""What is known of the running service: a log, figures for Prometheus, and an id for each request."""
