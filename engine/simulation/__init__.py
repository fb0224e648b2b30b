"""Simulation: the production cycle over recordings, and what it shows of a policy set.

In: a run that is ready to be stepped (assembled in `engine.run`). Out: `Simulation` values, and
what is worked out of them. Refuses nothing of its own: what it decides, the cycle decides.
"""
