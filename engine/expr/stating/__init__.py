"""Facts that a person states, for one expression at a time."""
