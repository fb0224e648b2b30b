"""What stands between bytes and nodes: the scan, events, scalars, files."""
