"""How hard hypothesis looks by day and by night, and what else is more at night.

In: the profile that a run asks for. Out: numbers of examples. `standard` is what every run uses;
`make nightly` asks for `nightly`: ten times what a test states, and of what states nothing.
"""

from __future__ import annotations

from hypothesis import settings

DAILY_EXAMPLES = 50
NIGHTLY_FACTOR = 10
NIGHTLY_EXAMPLES = NIGHTLY_FACTOR * DAILY_EXAMPLES


def at_night() -> bool:
    """Whether this is the long run."""
    # pytest loads the profile that was asked for before it imports a test.
    return settings.default.max_examples >= NIGHTLY_EXAMPLES


def examples(*, day: int, night: int) -> int:
    """The number of examples of a property that has a reason for each of the two."""
    return night if at_night() else day
