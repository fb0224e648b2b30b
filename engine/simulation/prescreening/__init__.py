"""The prescreen: which cycles of a recording can change anything, known before most of them.

In: a desk and a recording. Out: a choice of the cycles to step. What does not depend on our own
state (signals, tiers, breakers of the market) is evaluated for all rows at once; what does, by
the functions of the cycle itself. What cannot be shown to change nothing is stepped. A cycle
that is left out is folded as its record would have been, so the next one finds the same state.
"""
