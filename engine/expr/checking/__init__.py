"""What the check works with: types and units, lints, suggestions."""
