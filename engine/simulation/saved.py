"""What the rules saved and cost: every denied entry, followed to the exit of its plan.

In: a simulation. Out: `Followed` orders and their sum per rule. An ESTIMATE, and
to be told as one: it buys what was asked at its limit and in full, sells at the bid of the first
cycle at which the plan's stop, trail, target or longest hold is met, and knows neither the plan's
`when` nor what else the account would then have done. Where entries for one product are refused
again and again, they are one until it would have been left.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from engine.adapters.recorded import RecordingKind
from engine.adapters.recorded.events import decimal_of_float
from engine.cycle.steps.exits import plan_met, stop_met
from engine.model.numbers import ZERO
from engine.model.orders import Intent
from engine.model.times import NS_PER_S, UtcTime
from engine.simulation.blame import culprits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from engine.adapters.recorded import Recording
    from engine.model.orders import ExitPlan
    from engine.model.symbols import Symbol
    from engine.simulation.result import OrderTold, Simulation

_BPS = 10_000
TO_THE_END = "the recording ended"


@dataclass(frozen=True, slots=True)
class Followed:
    """A denied entry and what would have come of it; `result` in the numeraire, after fees."""

    order: OrderTold
    refused_by: tuple[str, ...]
    times: int
    left: UtcTime
    price: Decimal
    why: str
    result: Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one rule saved (losses that did not happen) and cost (gains that did not)."""

    rule: str
    entries: int
    alone: int
    saved: Decimal
    cost: Decimal

    @property
    def net(self) -> Decimal:
        """Above zero the rule has saved more than it cost."""
        return self.saved - self.cost


def follow(simulation: Simulation) -> tuple[Followed, ...]:
    """Every denied entry, in the order of their denial."""
    paths = _paths(simulation.recording)
    step_s = simulation.policy_set.schedule.interval
    found: list[Followed] = []
    busy: dict[tuple[Symbol, str], int] = {}
    for order in simulation.denied:
        key = (order.intent.symbol, order.intent.strategy)
        at = busy.get(key)
        if at is not None and order.time <= found[at].left:
            found[at] = _again(found[at])
            continue
        one = _followed(order, paths.get(order.intent.symbol, ()), step_s, simulation.last)
        if one is not None:
            busy[key] = len(found)
            found.append(one)
    return tuple(found)


def estimates(followed: Sequence[Followed]) -> tuple[Estimate, ...]:
    """By rule, what it saved most first; an entry that two rules refuse counts for both."""
    parts: dict[str, list[Followed]] = {}
    for each in followed:
        for rule in each.refused_by:
            parts.setdefault(rule, []).append(each)
    found = (_estimate(rule, own) for rule, own in parts.items())
    return tuple(sorted(found, key=lambda each: (-each.net, each.rule)))


def _estimate(rule: str, own: Sequence[Followed]) -> Estimate:
    return Estimate(
        rule=rule,
        entries=len(own),
        alone=sum(len(each.refused_by) == 1 for each in own),
        saved=sum((-each.result for each in own if each.result < 0), ZERO),
        cost=sum((each.result for each in own if each.result > 0), ZERO),
    )


def _again(one: Followed) -> Followed:
    return Followed(
        one.order, one.refused_by, one.times + 1, one.left, one.price, one.why, one.result
    )


_Path = tuple["Sequence[int]", "Sequence[float]"]


def _paths(recording: Recording) -> dict[Symbol, Sequence[_Path]]:
    """The bids of each product, by table."""
    found: dict[Symbol, list[_Path]] = {}
    for table in recording.tables:
        if table.kind is not RecordingKind.QUOTES:
            continue
        times: list[list[int]] = [[] for _ in table.symbols]
        bids: list[list[float]] = [[] for _ in table.symbols]
        for time, code, bid in zip(table.times, table.codes, table.numbers["bid"], strict=True):
            if not isnan(bid):
                times[code].append(time)
                bids[code].append(bid)
        for symbol, own_times, own_bids in zip(table.symbols, times, bids, strict=True):
            found.setdefault(symbol, []).append((own_times, own_bids))
    return {symbol: tuple(each) for symbol, each in found.items()}


def _followed(
    order: OrderTold, paths: Sequence[_Path], step_s: int, end: UtcTime
) -> Followed | None:
    plan, intent = order.intent.plan, order.intent
    if intent.intent is not Intent.ENTRY or plan is None or order.rate is None or not paths:
        return None
    entry = intent.limit_price or intent.reference_price
    left, price, why = _left(plan, entry, order.time, _seen(paths, order.time, step_s, end))
    gross = order.decision.asked * (price - entry)
    fees = order.decision.asked * (price + entry) * order.fee_bps / _BPS
    result = (gross - fees) * order.rate
    return Followed(order, culprits(order), 1, left, price, why, result)


def _left(
    plan: ExitPlan, entry: Decimal, bought: UtcTime, seen: Iterator[tuple[UtcTime, Decimal]]
) -> tuple[UtcTime, Decimal, str]:
    peak = bid = entry
    moment = bought
    for moment, bid in seen:
        peak = max(peak, bid)
        held_s = moment.since_s(bought)
        why = stop_met(plan, entry, peak, bid) or plan_met(plan, entry, bid, held_s)
        if why is not None:
            return moment, bid, why
    return moment, bid, TO_THE_END


def _seen(
    paths: Sequence[_Path], after: UtcTime, step_s: int, end: UtcTime
) -> Iterator[tuple[UtcTime, Decimal]]:
    """The bid at each later cycle, as far as one had come by then."""
    for moment_ns in range(after.ns + step_s * NS_PER_S, end.ns + 1, step_s * NS_PER_S):
        newest: tuple[int, float] | None = None
        for times, bids in paths:
            at = bisect_right(times, moment_ns) - 1
            if at >= 0 and (newest is None or times[at] > newest[0]):
                newest = times[at], bids[at]
        if newest is not None and newest[0] > after.ns:
            yield UtcTime(moment_ns), decimal_of_float(newest[1])
