"""What several tests use: libraries, services and servers to test with, and slower checks."""
