"""What the grammar works with: the scan for what Python must not see, and building nodes."""
