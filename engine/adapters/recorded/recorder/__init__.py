"""Writing a recording while it happens: durable every while, whole by the hour, gaps marked."""
