"""What `policy simulate` understands, writes and shows."""
