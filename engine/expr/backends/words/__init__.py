"""What the two ways of explaining a rule share."""
