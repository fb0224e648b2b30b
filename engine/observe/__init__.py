"""What the engine tells about itself: log lines, metrics, and no secret in either."""
