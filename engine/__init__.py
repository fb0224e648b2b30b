"""Mandate: the rules of trading as reviewed, sealed policy."""
