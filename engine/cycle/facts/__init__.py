"""Producers of facts, one module a group, named as the vocabulary names its producers.

In: what is known at the one reading of the clock. Out: mappings of fact names to values; a fact
that is not known is not there. Refuses to invent: no zero for "unknown", no default.
"""
