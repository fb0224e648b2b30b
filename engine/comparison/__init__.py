"""Two policy sets side by side: what a change of policy does."""
