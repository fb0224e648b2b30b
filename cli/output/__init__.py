"""Findings as people and machines read them, one format a file."""
