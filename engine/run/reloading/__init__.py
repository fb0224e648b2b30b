"""Reloading a run: where another set is read from, and all that it must pass before it is taken.

In: a run in real time. Out: the check that its `Reloads` ask (`checking`), with what may never flip
(`flips`) and what is asked of other parts of the engine (`asked`); `refusals` speaks of options.
"""
