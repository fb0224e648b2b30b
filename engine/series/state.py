"""The flat arrays that producers work on, and the names of their places.

A *row* is one completed bar as five floats; a *state* is one producer's memory. Both are plain
float arrays, because the same source runs in Python per bar and compiled over recordings.
Every producer is `step(state, rows, at)`: take the row at `at`, answer the value or NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, MutableSequence

Floats = MutableSequence[float]
Step = Callable[[Floats, Floats, int], float]

UNKNOWN = math.nan

# A row: the bar's number on the UTC grid (its open / its length), then what it showed.
INDEX = 0
HIGH = 1
LOW = 2
CLOSE = 3
VOLUME = 4
ROW = 5

# A state: bars seen since the last restart, the one or two lengths in bars, two numbers that a
# producer keeps as it likes, and from REGION on its rings.
# INVARIANT: COUNT = 0 forgets everything; no step reads a place that it has not written since.
COUNT = 0
BARS = 1
SECOND = 2
KEPT = 3
OTHER = 4
REGION = 5
