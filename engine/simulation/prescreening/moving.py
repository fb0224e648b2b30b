"""Facts that move while nothing happens, as columns over quiet instants, as cycles see them.

In: the course of an account, the facts that stand. Out: frames of the facts that some rules read,
with exactly the values that a cycle would work out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from engine.cycle.facts.pace import ACCOUNT_AGES, COUNTS
from engine.cycle.facts.position import change_pct
from engine.ledger.folding.windows import WEEK_S
from engine.model.times import NS_PER_S, UtcTime
from engine.simulation.prescreening.columns import clock_columns, constant, numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from engine.cycle.desk import Desk
    from engine.expr.nodes import Value
    from engine.ledger.state import NavMarks
    from engine.simulation.prescreening.course import Course, Floats, Held, Ints

_S_PER_H = 3600


@dataclass(frozen=True, slots=True)
class Moving:
    """The facts that move over the instants of a course; `regimes` has the name at each."""

    desk: Desk
    course: Course
    regimes: pl.Series

    def account(self, names: Iterable[str], standing: Mapping[str, Value]) -> pl.DataFrame:
        """The account's facts of these names; those that do not move are as they stand."""
        wanted = frozenset(names)
        return _frame(wanted, self._of_account(wanted), standing, self._moments)

    def holding(
        self, names: Iterable[str], held: Held, standing: Mapping[str, Value]
    ) -> pl.DataFrame:
        """The facts of one position, and of the account beside it."""
        wanted = frozenset(names)
        columns = self._of_account(wanted) | self._of_holding(wanted, held)
        return _frame(wanted, columns, standing, self._moments)

    @property
    def _moments(self) -> Ints:
        return self.course.moments[: self.course.known]

    def _of_account(self, wanted: AbstractSet[str]) -> dict[str, pl.Series]:
        columns = clock_columns(self._moments) | {"regime.name": self.regimes}
        columns |= self._results() if wanted & _RESULTS else {}
        told = {
            "portfolio.equity_usd": self.course.equity,
            "portfolio.gross_usd": self.course.coins,
            "portfolio.at_risk_usd": self.course.coins,
        }
        columns |= {
            name: pl.Series(values=[float(each) for each in told[name]], dtype=pl.Float64)
            for name in told.keys() & wanted
        }
        return columns | {name: tell(self) for name, tell in _OF_PACE.items() if name in wanted}

    def _results(self) -> dict[str, pl.Series]:
        """By the value of a unit: against the day's start, the week's, and the highest so far."""
        nav = self.desk.state.nav
        equity = np.array([float(each) for each in self.course.equity])
        values = (
            np.maximum(0.0, equity / nav.units) if nav.units else np.full(len(equity), nav.latest)
        )
        first = UtcTime(int(self._moments[0]))
        day_start = nav.day_start if nav.day == first.day_start() else nav.latest
        peaks = np.maximum.accumulate(np.maximum(nav.high_water, values))
        return {
            "portfolio.pnl_day_pct": numbers(_change_pct(np.full(len(values), day_start), values)),
            "portfolio.pnl_week_pct": numbers(
                _change_pct(_week_starts(nav, self._moments), values)
            ),
            "portfolio.drawdown_pct": numbers(np.maximum(0.0, -_change_pct(peaks, values))),
        }

    def _of_holding(self, wanted: AbstractSet[str], held: Held) -> dict[str, pl.Series]:
        position, bids = held.position, held.bids[: self.course.known]
        entry, peak, peaks = position.entry_price, position.peak_price, []
        for bid in bids:
            peak = max(peak, bid)
            peaks.append(peak)
        told: dict[str, Callable[[], list[float]]] = {
            "position.value_usd": lambda: [float(each) for each in held.worths[: len(bids)]],
            "position.pnl_pct": lambda: [change_pct(entry, bid) for bid in bids],
            "position.peak_pnl_pct": lambda: [change_pct(entry, each) for each in peaks],
            "position.drop_from_peak_pct": lambda: [
                -change_pct(top, bid) for top, bid in zip(peaks, bids, strict=True)
            ],
            "position.hold_h": lambda: [
                each / NS_PER_S / _S_PER_H for each in (self._moments - position.opened.ns).tolist()
            ],
        }
        return {
            name: pl.Series(values=tell(), dtype=pl.Float64)
            for name, tell in told.items()
            if name in wanted
        }

    def count(self, times: str, seconds: int) -> pl.Series:
        """How many of the ledger's times lie in the last seconds."""
        every = np.array([each.ns for each in getattr(self.desk.state.pace, times)], dtype=np.int64)
        gone = np.searchsorted(every + seconds * NS_PER_S, self._moments, side="right")
        return numbers((len(every) - gone).astype(np.float64))

    def age(self, since: UtcTime | None) -> pl.Series:
        """Seconds since then; nothing where there is nothing to date from."""
        if since is None:
            return pl.Series(values=[None] * len(self._moments), dtype=pl.Float64)
        # As Python divides whole numbers: those of a year are more than a float holds.
        spans = (self._moments - since.ns).tolist()
        return pl.Series(values=[max(0.0, each / NS_PER_S) for each in spans], dtype=pl.Float64)


_RESULTS = frozenset({"portfolio.pnl_day_pct", "portfolio.pnl_week_pct", "portfolio.drawdown_pct"})
_OF_PACE: dict[str, Callable[[Moving], pl.Series]] = {
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


def _frame(
    wanted: AbstractSet[str],
    moving: Mapping[str, pl.Series],
    standing: Mapping[str, Value],
    moments: Ints,
) -> pl.DataFrame:
    frame = pl.DataFrame({"#at": moments, **{n: c for n, c in moving.items() if n in wanted}})
    rest = {name: standing[name] for name in wanted if name in standing and name not in moving}
    return frame.with_columns([constant(name, value) for name, value in rest.items()])


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
