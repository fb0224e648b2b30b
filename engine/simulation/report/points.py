"""The data of the charts: thinned, rounded, in milliseconds as browsers count them.

In: simulations. Out: lists of plain rows. Each stretch of a thinned series keeps its lowest, its
highest and its last value, so a fall of one cycle is seen.
"""

from __future__ import annotations

from collections import Counter
from math import isnan
from typing import TYPE_CHECKING

from engine.adapters.recorded import RecordingKind
from engine.cycle.records.telling import short_rule
from engine.kinds.rule import OnBreach
from engine.model.usage import used_pct
from engine.simulation.blame import culprits
from engine.simulation.figures import falls_pct
from engine.simulation.report.charts import MOST_PCT
from engine.simulation.thinning import kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.adapters.recorded import Recording
    from engine.ledger.bodies import Json
    from engine.model.symbols import Symbol
    from engine.simulation.result import Simulation
    from engine.simulation.saved import Estimate

_NS_PER_MS = 1_000_000
_POINTS = 900
_CENTS = 2
_PCT = 100.0
_BARS = 48
_RULES = 7
_OTHERS = "others"


def equity_points(simulation: Simulation, name: str) -> list[Json]:
    """Equity and its fall from the height before, of one set."""
    series = simulation.series
    falls = falls_pct(series)
    return [
        {
            "t": series.times[at] // _NS_PER_MS,
            "set": name,
            "equity": round(series.equity[at], _CENTS),
            "fall": -round(falls[at], 3),
        }
        for at in kept(series.equity, _POINTS)
        if not isnan(series.equity[at])
    ]


def exposure_points(simulation: Simulation) -> list[Json]:
    """What is held of each product, as a share of equity."""
    series = simulation.series
    gross = [sum(own[at] for own in series.exposure.values()) for at in range(len(series.times))]
    return [
        {"t": series.times[at] // _NS_PER_MS, "symbol": name, "pct": _share(own[at], equity)}
        for at in kept(gross, _POINTS // 2)
        for equity in (series.equity[at],)
        for name, own in series.exposure.items()
        if not isnan(own[at]) and not isnan(equity) and equity
    ]


def _share(value: float, equity: float) -> float:
    return round(_PCT * value / equity, 3)


def headroom_points(simulation: Simulation) -> list[Json]:
    """How much of each limit on size orders had used, for the limits that came nearest."""
    sizes = {r.id for r in simulation.policy_set.rules if r.on_breach is OnBreach.RESIZE}
    nearest: dict[str, float] = {}
    found: list[tuple[int, str, float]] = []
    for order in simulation.orders:
        for evaluation in order.decision.evaluations:
            used = used_pct(evaluation)
            if used is not None and evaluation.rule in sizes:
                name = short_rule(evaluation.rule)
                nearest[name] = max(nearest.get(name, 0.0), min(used, MOST_PCT))
                found.append((order.time.ns // _NS_PER_MS, name, min(used, MOST_PCT)))
    shown = sorted(nearest, key=lambda name: (-nearest[name], name))[:_RULES]
    points = [each for each in found if each[1] in shown]
    thin = -(-len(points) // (3 * _POINTS)) or 1
    return [{"t": t, "rule": rule, "used": round(used, 1)} for t, rule, used in points[::thin]]


def denial_points(simulation: Simulation) -> list[Json]:
    """Denials in equal stretches of time by what refused; the rare ones together."""
    first, last = simulation.first.ns, simulation.last.ns
    width = max(1, (last - first) // _BARS)
    counts: Counter[tuple[int, str]] = Counter()
    often: Counter[str] = Counter()
    for order in simulation.denied:
        for name in map(short_rule, culprits(order)):
            counts[(order.time.ns - first) // width, name] += 1
            often[name] += 1
    shown = {name for name, _ in often.most_common(_RULES)}
    merged: Counter[tuple[int, str]] = Counter()
    for (at, name), count in counts.items():
        merged[at, name if name in shown else _OTHERS] += count
    return [
        {
            "t": (first + at * width) // _NS_PER_MS,
            "u": (first + (at + 1) * width) // _NS_PER_MS,
            "rule": name,
            "orders": count,
        }
        for (at, name), count in sorted(merged.items())
    ]


def price_points(simulation: Simulation, symbol: Symbol) -> list[Json]:
    """The recorded bid of a product between the first cycle and the last."""
    rows = _bids(simulation.recording, symbol)
    first, last = simulation.first.ns, simulation.last.ns
    inside = [each for each in rows if first <= each[0] <= last]
    prices = [price for _, price in inside]
    return [
        {"t": inside[at][0] // _NS_PER_MS, "price": prices[at]} for at in kept(prices, _POINTS // 2)
    ]


def _bids(recording: Recording, symbol: Symbol) -> Sequence[tuple[int, float]]:
    found = []
    for table in recording.tables:
        if table.kind is RecordingKind.QUOTES and symbol in table.symbols:
            code = table.symbols.index(symbol)
            rows = zip(table.times, table.codes, table.numbers["bid"], strict=True)
            found += [(t, bid) for t, own, bid in rows if own == code and not isnan(bid)]
    return sorted(found)


def saved_points(guesses: Sequence[Estimate]) -> list[Json]:
    """What each rule saved, and, below zero, what it cost."""
    return [
        {"rule": short_rule(each.rule), "what": what, "usd": round(float(amount), _CENTS)}
        for each in guesses[:_BARS]
        for what, amount in (("saved", each.saved), ("cost", -each.cost))
        if amount
    ]
