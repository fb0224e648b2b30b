"""Questions about whole columns: row by row, or all rows at once where numpy is installed.

In: columns of one table. Out: the same answers either way, at once a hundred times sooner. A year
of minutes of twenty products is ten million rows: most files are in order, and that is all that
has to be found out about them. numpy is of the extra `simulate`, imported on first use.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise, starmap
from operator import gt, lt, sub
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WORTH_ROWS = 10_000
"""Below, the import alone takes longer than the rows."""


def quickest(rows: int) -> Columns:
    """Who answers sooner for so many rows."""
    return _at_once() if rows >= WORTH_ROWS else Columns()


class Columns:
    """Answers row by row."""

    def strictly_ordered(self, times: array[int], codes: array[int]) -> bool:
        """Whether rows ascend by time and then by code, none twice."""
        return all(starmap(lt, pairwise(zip(times, codes, strict=True))))

    def count_above(self, one: array[float], other: array[float]) -> int:
        """How many numbers of the first column are above those beside them; NaN is above none."""
        return sum(map(gt, one, other))

    def both_absent(self, one: array[float], other: array[float]) -> Sequence[int]:
        """The rows in which both numbers are NaN."""
        pairs = enumerate(zip(one, other, strict=True))
        return [row for row, (a, b) in pairs if math.isnan(a) and math.isnan(b)]

    def any_absent(self, column: array[float]) -> bool:
        """Whether a number is NaN."""
        return any(map(math.isnan, column))

    def least(self, column: array[float]) -> float:
        """The least number; NaN where one is not finite (or so large that a sum is not)."""
        return min(column, default=1.0) if math.isfinite(sum(column)) else math.nan

    def count_outside(self, bars: Sequence[array[float]]) -> int:
        """Of open, high, low and close: how many opened or closed beyond their high and low."""
        rows = zip(*bars, strict=True)
        return sum(not (lo <= a <= hi and lo <= b <= hi) for a, hi, lo, b in rows)

    def times_by_code(self, times: array[int], codes: array[int], count: int) -> list[array[int]]:
        """The times of each code, in the order of the rows."""
        own = [array("q") for _ in range(count)]
        for time, code in zip(times, codes, strict=True):
            own[code].append(time)
        return own

    def spans(self, times: array[int]) -> Counter[int]:
        """How often each span lies between one time and the next."""
        return Counter(map(sub, times[1:], times))

    def moved(self, times: array[int], codes: array[int], by: Sequence[int]) -> array[int]:
        """The times, each later by what belongs to its code."""
        return array("q", (t + by[code] for t, code in zip(times, codes, strict=True)))

    def placed(self, codes: array[int], places: Sequence[int]) -> array[int]:
        """The place of each code."""
        return array("q", map(places.__getitem__, codes))


class _AtOnce(Columns):
    """Answers for all rows at once."""

    def __init__(self) -> None:
        self._np = import_module("numpy")

    def strictly_ordered(self, times: array[int], codes: array[int]) -> bool:
        at, code = self._np.frombuffer(times, "i8"), self._np.frombuffer(codes, "i8")
        later, same = at[1:] > at[:-1], at[1:] == at[:-1]
        return bool((later | (same & (code[1:] > code[:-1]))).all())

    def count_above(self, one: array[float], other: array[float]) -> int:
        return int((self._np.frombuffer(one) > self._np.frombuffer(other)).sum())

    def both_absent(self, one: array[float], other: array[float]) -> Sequence[int]:
        absent = self._np.isnan(self._np.frombuffer(one)) & self._np.isnan(
            self._np.frombuffer(other)
        )
        return [*self._np.flatnonzero(absent).tolist()]

    def any_absent(self, column: array[float]) -> bool:
        return bool(self._np.isnan(self._np.frombuffer(column)).any())

    def least(self, column: array[float]) -> float:
        numbers = self._np.frombuffer(column)
        return float(numbers.min()) if bool(self._np.isfinite(numbers).all()) else math.nan

    def count_outside(self, bars: Sequence[array[float]]) -> int:
        first, high, low, last = (self._np.frombuffer(each) for each in bars)
        inside = (low <= first) & (first <= high) & (low <= last) & (last <= high)
        return int((~inside).sum())

    def times_by_code(self, times: array[int], codes: array[int], count: int) -> list[array[int]]:
        at, code = self._np.frombuffer(times, "i8"), self._np.frombuffer(codes, "i8")
        return [array("q", at[code == each].tobytes()) for each in range(count)]

    def spans(self, times: array[int]) -> Counter[int]:
        between = self._np.diff(self._np.frombuffer(times, "i8"))
        values, counts = self._np.unique(between, return_counts=True)
        return Counter(dict(zip(values.tolist(), counts.tolist(), strict=True)))

    def moved(self, times: array[int], codes: array[int], by: Sequence[int]) -> array[int]:
        at, code = self._np.frombuffer(times, "i8"), self._np.frombuffer(codes, "i8")
        return array("q", (at + self._np.array(by, "i8")[code]).tobytes())

    def placed(self, codes: array[int], places: Sequence[int]) -> array[int]:
        every = self._np.array(places, "i8")
        return array("q", every[self._np.frombuffer(codes, "i8")].tobytes())


@lru_cache(maxsize=1)
def _at_once() -> Columns:
    return _AtOnce() if find_spec("numpy") is not None else Columns()
