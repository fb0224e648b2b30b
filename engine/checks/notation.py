"""Values over cycles, in the notation of promtool.

In: text such as `1+2x3 _ 4 _x2 stale`. Out: one value a cycle, None where there is none; and
whether the series is over at its end. `a+bxn` is a and n more, each b larger; `axn` is a and n
more of it; `_xn` is n cycles without a value; after `stale` there is none any more. Refuses
anything else, and more cycles than a test may have.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

MAX_CYCLES = 1000
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?"
_TERM = re.compile(
    rf"(?P<start>{_NUMBER})(?:(?P<step>[+-](?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))?x(?P<more>[0-9]{{1,4}}))?"
)
_GAP = re.compile(r"_(?:x(?P<count>[0-9]{1,4}))?")
_STALE = "stale"


@dataclass(frozen=True, slots=True)
class Series:
    """One value a cycle; where it is `over`, every later cycle has none."""

    values: tuple[float | None, ...]
    over: bool = False

    def at(self, cycle: int) -> float | None:
        """The value in a cycle, counted from 0."""
        return self.values[cycle] if cycle < len(self.values) else None


class NotationError(ValueError):
    """What is wrong with a series, in words."""


def parse_series(text: str) -> Series:
    """The series that `text` writes; raises NotationError."""
    values: list[float | None] = []
    over = False
    for word in text.split():
        if over:
            message = f"nothing follows `{_STALE}`, and `{word}` does"
            raise NotationError(message)
        over = word == _STALE
        values += [] if over else _term(word)
        if len(values) > MAX_CYCLES:
            message = f"more than {MAX_CYCLES} cycles"
            raise NotationError(message)
    if not values and not over:
        message = "no value"
        raise NotationError(message)
    return Series(tuple(values), over)


def _term(word: str) -> list[float | None]:
    gap = _GAP.fullmatch(word)
    if gap is not None:
        return [None] * int(gap["count"] or 1)
    term = _TERM.fullmatch(word)
    if term is None:
        message = f"`{word}` is none of `1`, `1x3`, `1+2x3`, `_`, `_x3` and `{_STALE}`"
        raise NotationError(message)
    # Exact until the end: 0.1 three times added to 0.1 is 0.4, which binary numbers miss.
    start, step = Decimal(term["start"]), Decimal(term["step"] or 0)
    found = [float(start + step * n) for n in range(int(term["more"] or 0) + 1)]
    if not all(math.isfinite(each) for each in found):
        message = f"`{word}` has a value that is too large to be one"
        raise NotationError(message)
    return [*found]
