"""Where a value comes from, and changing it in its file."""
