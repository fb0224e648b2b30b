"""How long a bar is: told by the spacing of its neighbours, since no file says it.

In: a table of bars by open time. Out: the same by completion, with an interval per symbol.
Refuses symbols of one bar in a file where no other symbol has two.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.adapters.recorded.report import Correction, CorrectionKind
from engine.adapters.recorded.vectors import quickest
from engine.errors import Diagnostic, Place
from engine.model.times import NS_PER_S

if TYPE_CHECKING:
    from engine.adapters.recorded.tables import Table

# The smallest spacing counts as the interval when at least one in fifty, and five, are that
# small: in a file with a bar only where something traded, wider spacings can be more common than
# the true one, while a stray row must not make bars arrive before they were complete.
# Where no spacing is that common, the most common one is the best that can be said.
_RARE = 50
_FEW = 5


def completed(table: Table) -> tuple[Table, list[Correction]] | Diagnostic:
    """The bars at the times at which they were complete, in the order of their arrival."""
    found = _spacings(table)
    intervals = [_interval_s(each) for each in found]
    fallback = Counter(each for each in intervals if each).most_common(1)
    if not fallback:
        message = "one bar a symbol does not tell how long a bar is"
        return Diagnostic("M509", message, Place(table.file, 1, 1), "record at least two bars")
    intervals_s = tuple(each or fallback[0][0] for each in intervals)
    lengths_ns = [each * NS_PER_S for each in intervals_s]
    arrivals = quickest(len(table)).moved(table.times, table.codes, lengths_ns)
    whole = replace(table, times=arrivals, intervals_s=intervals_s)
    near = sum(
        number
        for each, interval_s in zip(found, intervals_s, strict=True)
        for spacing, number in each.items()
        if spacing < interval_s * NS_PER_S
    )
    words = "bars that begin before the bar before them is complete: kept"
    close = [Correction(CorrectionKind.CLOSE_BARS, table.file, near, words)] if near else []
    return _by_arrival(whole), close


def _spacings(table: Table) -> list[Counter[int]]:
    columns = quickest(len(table))
    by_code = columns.times_by_code(table.times, table.codes, len(table.symbols))
    return [columns.spans(own) for own in by_code]


def _interval_s(spans: Counter[int]) -> int:
    """Whole seconds, at least one; 0 where nothing tells."""
    if not spans:
        return 0
    least = max(_FEW, spans.total() / _RARE)
    common = [ns for ns, number in spans.items() if number >= least]
    most_common = max(spans, key=lambda ns: (spans[ns], -ns))
    return max(1, min(common, default=most_common) // NS_PER_S)


def _by_arrival(table: Table) -> Table:
    """Sort again where symbols have bars of different lengths."""
    if len(set(table.intervals_s)) == 1:
        return table
    order = sorted(range(len(table)), key=lambda row: (table.times[row], table.codes[row]))
    return replace(
        table,
        times=array("q", map(table.times.__getitem__, order)),
        codes=array("q", map(table.codes.__getitem__, order)),
        numbers={n: array("d", map(c.__getitem__, order)) for n, c in table.numbers.items()},
    )
