"""Strategies whose source is Python: what it may say, how it is checked, and how it is run."""
