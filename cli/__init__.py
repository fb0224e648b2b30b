"""The commands `policy` and `trader`."""
