"""Cycles that are left out: whether one is quiet, many of them at once, and what they leave."""
