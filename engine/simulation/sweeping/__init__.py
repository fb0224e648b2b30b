"""Sweeps: many variants of policy sets over many recordings, each a unit that is worked once.

In: sets, axes of values, recordings, terms. Out: units, their results by content, and a summary.
"""
