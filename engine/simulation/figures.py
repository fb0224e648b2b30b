"""The figures of a simulation: result, drawdown, costs, exposure, and each day by itself.

In: a `Simulation`. Out: `Figures`, `Day`s. Money in the numeraire. Refuses to fill in what is not
known: a cycle whose equity nobody could know is in no figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from math import isnan
from typing import TYPE_CHECKING

from engine.model.numbers import ZERO
from engine.model.times import NS_PER_S, UtcTime
from engine.simulation.trades import trades_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from engine.simulation.result import Series, Simulation
    from engine.simulation.trades import Trade

_PCT = 100
_DAY_NS = 86_400 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall from a height of equity: where it began, its bottom, its end if any."""

    pct: float
    usd: float
    peak: UtcTime
    bottom: UtcTime
    recovered: UtcTime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a reviewer asks first. `slippage` is against the prices that orders were decided on."""

    begun_with: Decimal | None
    ended_with: Decimal | None
    result: Decimal | None
    result_pct: Decimal | None
    realised: Decimal
    fees: Decimal
    slippage: Decimal
    turnover: Decimal
    drawdown: Drawdown | None
    trades: int
    won: int
    lost: int
    best: Decimal | None
    worst: Decimal | None
    held_s: float | None
    exposed_pct_of_time: float
    exposure_most_pct: float
    exposure_mean_pct: float


@dataclass(frozen=True, slots=True)
class Day:
    """One day in UTC: equity at its last cycle, what was decided and what was paid for it."""

    start: UtcTime
    equity: float
    result: float
    allowed: int
    denied: int
    fees: Decimal


def figures_of(simulation: Simulation) -> Figures:
    """The figures of a whole simulation."""
    begun, ended = simulation.begun_with, simulation.ended_with
    result = None if begun is None or ended is None else ended - begun
    closed = [each for each in trades_of(simulation.fills) if each.result is not None]
    results = [each.result for each in closed if each.result is not None]
    gross = [*_gross_pct(simulation.series)]
    return Figures(
        begun_with=begun,
        ended_with=ended,
        result=result,
        result_pct=None if result is None or not begun else _PCT * result / begun,
        realised=simulation.realised,
        fees=simulation.fees,
        slippage=_sum(f.slippage * f.rate for f in simulation.fills if f.rate is not None),
        turnover=_sum(f.quantity * f.price * f.rate for f in simulation.fills if f.rate),
        drawdown=deepest_fall(simulation.series),
        trades=len(closed),
        won=sum(each > 0 for each in results),
        lost=sum(each <= 0 for each in results),
        best=max(results, default=None),
        worst=min(results, default=None),
        held_s=_mean_hold(closed),
        exposed_pct_of_time=_PCT * sum(each > 0 for each in gross) / len(gross) if gross else 0.0,
        exposure_most_pct=max(gross, default=0.0),
        exposure_mean_pct=sum(gross) / len(gross) if gross else 0.0,
    )


def deepest_fall(series: Series) -> Drawdown | None:
    """The deepest fall of equity from its height before; None where it never fell."""
    found: Drawdown | None = None
    peak, peak_ns = 0.0, 0
    for ns, equity in _known(series):
        if equity >= peak:
            if found is not None and found.recovered is None and found.peak.ns == peak_ns:
                found = _recovered(found, ns)
            peak, peak_ns = equity, ns
            continue
        fall = _PCT * (peak - equity) / peak
        if found is None or fall > found.pct:
            found = Drawdown(fall, peak - equity, UtcTime(peak_ns), UtcTime(ns), None)
    return found


def _recovered(fall: Drawdown, ns: int) -> Drawdown:
    return Drawdown(fall.pct, fall.usd, fall.peak, fall.bottom, UtcTime(ns))


def falls_pct(series: Series) -> list[float]:
    """For each cycle, how far equity is below its height before; NaN where it is not known."""
    peak, falls = 0.0, []
    for equity in series.equity:
        peak = peak if isnan(equity) else max(peak, equity)
        falls.append(_PCT * (peak - equity) / peak if peak else 0.0)
    return falls


def days_of(simulation: Simulation) -> tuple[Day, ...]:
    """Every day with a cycle whose equity is known."""
    allowed, denied, fees = _by_day(simulation)
    begun = simulation.begun_with
    before = 0.0 if begun is None else float(begun)
    days = []
    for day, points in groupby(_known(simulation.series), key=lambda each: each[0] // _DAY_NS):
        equity = [*points][-1][1]
        start = UtcTime(day * _DAY_NS)
        counts = (allowed.get(day, 0), denied.get(day, 0), fees.get(day, ZERO))
        days.append(Day(start, equity, equity - before, *counts))
        before = equity
    return tuple(days)


def _by_day(simulation: Simulation) -> tuple[dict[int, int], dict[int, int], dict[int, Decimal]]:
    allowed: dict[int, int] = {}
    denied: dict[int, int] = {}
    fees: dict[int, Decimal] = {}
    for order in simulation.orders:
        into, day = denied if order.denied else allowed, order.time.ns // _DAY_NS
        into[day] = into.get(day, 0) + 1
    for fill in simulation.fills:
        if fill.rate is not None:
            day = fill.time.ns // _DAY_NS
            fees[day] = fees.get(day, ZERO) + fill.fee * fill.rate
    return allowed, denied, fees


def _known(series: Series) -> Iterator[tuple[int, float]]:
    pairs = zip(series.times, series.equity, strict=True)
    return ((ns, equity) for ns, equity in pairs if not isnan(equity))


def _gross_pct(series: Series) -> Iterator[float]:
    """What is held, as a share of equity, at each cycle at which both are known."""
    held = [*series.exposure.values()]
    for at, equity in enumerate(series.equity):
        gross = sum(values[at] for values in held)
        if equity > 0 and not isnan(gross):
            yield _PCT * gross / equity


def _mean_hold(closed: list[Trade]) -> float | None:
    held = [each.held_s for each in closed if each.held_s is not None]
    return sum(held) / len(held) if held else None


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, ZERO)
