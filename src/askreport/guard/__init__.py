"""Who may do what, and how often: keys, sessions, rate limits, and middleware that turns requests away."""
