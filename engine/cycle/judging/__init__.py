"""What the judge works with: compiled rules, and all that a verdict depends on."""
