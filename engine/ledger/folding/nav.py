"""Net asset value per unit: what the account is worth, apart from what was paid in or out.

In: the equity of each cycle, what flowed in or out, and what that was worth at the first moment
at which it had a price. Out: the marks that day, week and drawdown are measured from. While
nobody can value a flow nothing is marked: it must not pass for a result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger.folding.windows import WEEK_S
from engine.model.numbers import ZERO
from engine.model.times import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.ledger.state import NavMarks
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

NAV_SAMPLE_S = 3600


def mark(nav: NavMarks, time: UtcTime, equity: Decimal, flowed: Decimal | None) -> None:
    """Mark the account at the equity of one cycle, without what `flowed` in and is not settled.

    Where nobody can say what that is, or what a new set's terms make of it, nothing is marked.
    """
    if (nav.flowed and flowed is None) or nav.valued_before is not None:
        return
    if nav.units == 0.0:
        # The first money, or money after all was withdrawn: the value goes on where it was.
        nav.units = float(equity) / nav.latest
    _mark(nav, time, value_of(nav, float(equity - (flowed or ZERO))))


def _mark(nav: NavMarks, time: UtcTime, value: float) -> None:
    if nav.day is None or time.day_start() > nav.day:
        nav.day_start = value if nav.day is None else nav.latest
        nav.day = time.day_start()
    nav.latest = value
    nav.high_water = max(nav.high_water, value)
    # Each hour keeps its last mark, so that after a silence the week begins where it ended; and
    # the very first mark stays, since the windows begin with the ledger.
    if len(nav.samples) > 1 and _hour(nav.samples[-1][0]) == _hour(time):
        nav.samples.pop()
    nav.samples.append((time, value))
    # The newest sample at or before the window's edge stays: it is what the week is measured from.
    while len(nav.samples) > 1 and time.since_s(nav.samples[1][0]) >= WEEK_S:
        nav.samples.popleft()


def _hour(time: UtcTime) -> int:
    return time.ns // (NAV_SAMPLE_S * NS_PER_S)


def flow(nav: NavMarks, what: str | Symbol, units: Decimal) -> None:
    """Units of a currency, or of our position in a product, came in (went out, below 0)."""
    # Before the first money there is nothing to be measured: a flow is what is begun with.
    if nav.units == 0.0 or not units:
        return
    together = nav.flowed.pop(what, ZERO) + units
    if together:
        nav.flowed[what] = together


def settle(
    nav: NavMarks,
    time: UtcTime,
    what: Iterable[str | Symbol],
    *,
    equity: Decimal,
    flowed: Decimal,
) -> None:
    """Of `equity`, `flowed` came in so: the units change in proportion, and the value does not.

    It is marked as well: where all went out, nobody could tell it afterwards.
    """
    for each in what:
        nav.flowed.pop(each, None)
    _mark(nav, time, value_of(nav, float(equity - flowed)))
    # The ratio of exact numbers: what is left of an account may be a cent of a million.
    nav.units *= float(equity / (equity - flowed))


def revalue(nav: NavMarks, time: UtcTime, *, equity: Decimal, before: Decimal | None) -> None:
    """The account is worth `equity` by the terms of a new set, and was worth `before` by the old.

    The units change by their ratio, and the value does not. Where nobody can say what it was by
    the old terms, the value goes on from its last mark.
    """
    nav.valued_before = None
    if before is None:
        nav.units = float(equity) / nav.latest
        return
    _mark(nav, time, value_of(nav, float(before)))
    nav.units *= float(equity / before)


def value_of(nav: NavMarks, equity: float) -> float:
    """The value of one unit; where there is no money, the value that it had."""
    return max(0.0, equity / nav.units) if nav.units else nav.latest


def reset_high_water(nav: NavMarks) -> None:
    """Measure the drawdown from here; an account that had lost everything begins anew."""
    if nav.latest <= 0.0:
        nav.units, nav.latest = 0.0, 1.0
        nav.flowed.clear()
        nav.valued_before = None
        nav.samples.clear()
        nav.day = None
    nav.high_water = nav.latest
