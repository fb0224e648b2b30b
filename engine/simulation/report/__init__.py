"""The report of a simulation: one page with all that it needs, that opens without a network."""
