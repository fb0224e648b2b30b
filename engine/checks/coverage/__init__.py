"""Coverage of policies by their tests: which rules, which outcomes, which conditions."""
