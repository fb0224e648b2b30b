"""What takes in the links of notices: one address that does nothing without a signed link."""
