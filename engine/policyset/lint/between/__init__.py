"""What the documents of a set say of each other."""
