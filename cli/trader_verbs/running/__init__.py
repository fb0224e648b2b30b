"""What `trader run` shows: the heading, a line each cycle, and the summary at the end."""
