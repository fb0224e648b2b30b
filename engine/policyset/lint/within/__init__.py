"""What one document says of itself, alone or with the numbers of the set in it."""
