"""Reconciling: the account at the venue against what our records add up to."""
