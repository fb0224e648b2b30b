"""What the solver is asked about policy sets, and what of its answers counts."""
