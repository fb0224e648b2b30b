"""Facts that move while nothing happens, as columns over quiet instants, as cycles see them.

In: the course of an account, the names of the facts that some rules read. Out: a column for each of
them that moves, with exactly the values that a cycle would work out, None where there is none.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, islice
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from engine.cycle.facts.pace import ACCOUNT_AGES, COUNTS
from engine.cycle.facts.position import change_pct
from engine.ledger.folding.windows import WEEK_S
from engine.model.times import NS_PER_S, UtcTime
from engine.simulation.prescreening.seen.columns import clock_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from decimal import Decimal

    from engine.cycle.desk import Desk
    from engine.ledger.state import NavMarks
    from engine.simulation.prescreening.leaving_out.asking import Column, Columns
    from engine.simulation.prescreening.leaving_out.course import Course, Floats, Held, Ints

_S_PER_H = 3600
_NS = attrgetter("ns")


@dataclass(frozen=True, slots=True)
class Moving:
    """The facts that move over the instants of a course; `regimes` has the name at each."""

    desk: Desk
    course: Course
    regimes: Column

    def account(self, wanted: AbstractSet[str]) -> Columns:
        """The account's facts of these names that move."""
        found: dict[str, Column] = {}
        if "regime.name" in wanted:
            found["regime.name"] = self.regimes
        if wanted & _OF_TIME:
            found |= clock_values(self._moments)
        if wanted & _RESULTS:
            found |= self._results()
        told = {
            "portfolio.equity_usd": self.course.equity,
            "portfolio.gross_usd": self.course.coins,
            "portfolio.at_risk_usd": self.course.coins,
        }
        found |= {name: [*map(float, told[name])] for name in told.keys() & wanted}
        return found | {name: tell(self) for name, tell in _OF_PACE.items() if name in wanted}

    def holding(self, wanted: AbstractSet[str], held: Held) -> Columns:
        """The facts of one position that move."""
        position, known = held.position, self.course.known
        bids, entry = held.bids[:known], position.entry_price
        told: Mapping[str, Callable[[], Column]] = {
            "position.value_usd": lambda: [*map(float, held.worths[:known])],
            "position.pnl_pct": lambda: [change_pct(entry, bid) for bid in bids],
            "position.peak_pnl_pct": lambda: [change_pct(entry, each) for each in peaks()],
            "position.drop_from_peak_pct": lambda: [
                -change_pct(top, bid) for top, bid in zip(peaks(), bids, strict=True)
            ],
            "position.hold_h": lambda: [
                each / NS_PER_S / _S_PER_H for each in (self._moments - position.opened.ns).tolist()
            ],
        }

        def peaks() -> Sequence[Decimal]:
            return [*accumulate(bids, max, initial=position.peak_price)][1:]

        return {name: tell() for name, tell in told.items() if name in wanted}

    @property
    def _moments(self) -> Ints:
        return self.course.moments[: self.course.known]

    def _results(self) -> Columns:
        """By the value of a unit: against the day's start, the week's, and the highest so far."""
        nav = self.desk.state.nav
        equity = np.array([float(each) for each in self.course.equity])
        values = (
            np.maximum(0.0, equity / nav.units) if nav.units else np.full(len(equity), nav.latest)
        )
        first = UtcTime(int(self._moments[0]))
        day_start = nav.day_start if nav.day == first.day_start() else nav.latest
        peaks = np.maximum.accumulate(np.maximum(nav.high_water, values))
        day = _change_pct(np.full(len(values), day_start), values)
        week = _change_pct(_week_starts(nav, self._moments), values)
        fall = np.maximum(0.0, -_change_pct(peaks, values))
        return {
            "portfolio.pnl_day_pct": day.tolist(),
            "portfolio.pnl_week_pct": week.tolist(),
            "portfolio.drawdown_pct": fall.tolist(),
        }

    def count(self, times: str, seconds: int) -> Column:
        """How many of the ledger's times lie in the last seconds."""
        every = getattr(self.desk.state.pace, times)
        # Those that are out of the window at the first instant are so at all of them.
        gone = bisect_right(every, int(self._moments[0]) - seconds * NS_PER_S, key=_NS)
        ends = [each.ns + seconds * NS_PER_S for each in islice(every, gone, None)]
        return [float(len(ends) - bisect_right(ends, each)) for each in self._moments.tolist()]

    def age(self, since: UtcTime | None) -> Column:
        """Seconds since then; nothing where there is nothing to date from."""
        if since is None:
            return [None] * len(self._moments)
        # As Python divides whole numbers: those of a year are more than a float holds.
        spans = (self._moments - since.ns).tolist()
        return [max(0.0, each / NS_PER_S) for each in spans]


_RESULTS = frozenset({"portfolio.pnl_day_pct", "portfolio.pnl_week_pct", "portfolio.drawdown_pct"})
_OF_PACE: dict[str, Callable[[Moving], Column]] = {
    **{
        name: lambda moving, of=of: moving.count(*of)  # type: ignore[misc]  # bound as it stands
        for name, of in COUNTS.items()
    },
    **{
        name: lambda moving, deed=deed: moving.age(  # type: ignore[misc]  # the same
            moving.desk.state.pace.last.get(deed, moving.desk.state.genesis)
        )
        for deed, name in ACCOUNT_AGES.items()
    },
    "venue.rate_limited_age_s": lambda moving: moving.age(moving.desk.state.genesis),
}


_OF_MONEY = frozenset(
    {"portfolio.equity_usd", "portfolio.gross_usd", "portfolio.at_risk_usd", "regime.name"}
)
_OF_TIME = frozenset({"clock.weekday_utc", "clock.hour_utc"})
_OF_HOLDING = frozenset(
    {
        "position.value_usd",
        "position.pnl_pct",
        "position.peak_pnl_pct",
        "position.drop_from_peak_pct",
        "position.hold_h",
    }
)
MOVING = _RESULTS | _OF_MONEY | _OF_TIME | _OF_HOLDING | _OF_PACE.keys()
"""All facts that these columns tell."""


def _week_starts(nav: NavMarks, moments: Ints) -> Floats:
    """The newest mark that is at least seven days old; the oldest where none is."""
    if not nav.samples:
        return np.full(len(moments), nav.latest)
    times = np.array([time.ns for time, _ in nav.samples], dtype=np.int64)
    values = np.array([value for _, value in nav.samples])
    old = np.searchsorted(times + WEEK_S * NS_PER_S, moments, side="right") - 1
    return values[np.maximum(old, 0)]


def _change_pct(before: Floats, after: Floats) -> Floats:
    known = np.where(before == 0.0, 1.0, before)
    return np.where(before == 0.0, 0.0, 100.0 * (after - before) / known)
