"""Strategies: what is wanted this cycle, per product the strongest conviction.

In: facts, and the compiled strategies. Out: proposals in a fixed order, strongest first; for each
product without one, the first thing that stood in its way. Pure: proposing sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.model.decisions import Reason, ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from engine.cycle.desk import Desk, Round
    from engine.cycle.judging.programme import CompiledStrategy
    from engine.expr.nodes import Value
    from engine.model.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Proposal:
    """A strategy wants to enter a product with `size_pct` of equity."""

    symbol: Symbol
    strategy: CompiledStrategy
    conviction: float
    size_pct: Decimal
    reason: str


def run(desk: Desk, this: Round) -> tuple[Proposal, ...]:
    """Every proposal of this cycle, by conviction, then product."""
    asked_for = {told.intent.symbol for told in this.orders}
    found = [_strongest(desk, this, symbol, asked_for) for symbol in this.symbols]
    proposals = [each for each in found if each is not None]
    return tuple(sorted(proposals, key=lambda each: (-each.conviction, each.symbol)))


def _strongest(
    desk: Desk, this: Round, symbol: Symbol, asked_for: AbstractSet[Symbol]
) -> Proposal | None:
    member = this.universe.get(symbol)
    if member is None:
        this.block(symbol, Reason(ReasonCode.NOT_IN_UNIVERSE))
        return None
    if symbol in desk.state.positions and symbol not in desk.dust():
        this.block(symbol, Reason(ReasonCode.ALREADY_HELD))
        return None
    if desk.state.working_for(symbol):
        this.block(symbol, Reason(ReasonCode.ORDER_WORKING))
        return None
    if symbol in asked_for:
        # Asked for in this cycle already, as an exit or as the next rung of an entry.
        return None
    facts = this.facts(symbol)
    answers = [
        _ask(each, member.tier, symbol, facts)
        for place, each in enumerate(desk.programme.strategies)
        # Only the first strategy's reason is told, so no other's is put into words.
        if place == 0 or _wants(each, member.tier, facts)
    ]
    proposals = [each for each in answers if isinstance(each, Proposal)]
    if proposals:
        return max(proposals, key=lambda each: (each.conviction, each.strategy.name))
    reasons = [each for each in answers if isinstance(each, Reason)]
    this.block(symbol, reasons[0] if reasons else Reason(ReasonCode.NO_STRATEGY))
    return None


def _wants(strategy: CompiledStrategy, tier: str, facts: Mapping[str, Value]) -> bool:
    if tier not in strategy.spec.tiers:
        return False
    return strategy.questions.motor.evaluate(facts).verdicts[-1] is True


def _ask(
    strategy: CompiledStrategy, tier: str, symbol: Symbol, facts: Mapping[str, Value]
) -> Proposal | Reason:
    named = (("strategy", strategy.name),)
    if tier not in strategy.spec.tiers:
        return Reason(ReasonCode.NO_STRATEGY, (*named, ("tier", tier)))
    answers = strategy.questions.motor.evaluate(facts)
    entry = len(strategy.questions.rules) - 1
    verdict = answers.verdicts[entry]
    if verdict is None:
        missing = ",".join(answers.missing(entry))
        return Reason(ReasonCode.SIGNAL_UNDECIDED, (*named, ("missing", missing)))
    signals = answers.verdicts[:-1]
    if not verdict:
        return _no_signal(strategy.name, strategy.signals, signals)
    return _sized(strategy, symbol, facts, _told(strategy.signals, signals))


@lru_cache  # most products say the same of a strategy, every cycle
def _no_signal(strategy: str, names: tuple[str, ...], verdicts: tuple[bool | None, ...]) -> Reason:
    values = (("strategy", strategy), ("signals", _told(names, verdicts)))
    return Reason(ReasonCode.NO_SIGNAL, values)


def _told(names: tuple[str, ...], verdicts: tuple[bool | None, ...]) -> str:
    """Each signal with its answer, such as `breakout:true volume:false`."""
    words = {True: "true", False: "false", None: "undecided"}
    return " ".join(f"{n}:{words[v]}" for n, v in zip(names, verdicts, strict=True))


def _sized(
    strategy: CompiledStrategy, symbol: Symbol, facts: Mapping[str, Value], signals: str
) -> Proposal | Reason:
    named = (("strategy", strategy.name),)
    conviction, size = strategy.conviction(facts), strategy.size_pct(facts)
    if not isinstance(conviction, float) or not isinstance(size, float):
        return Reason(ReasonCode.SIGNAL_UNDECIDED, (*named, ("missing", "conviction or size_pct")))
    # As floats, as rules compare: 0.6 is not below 0.6, though the float is below the decimal.
    if conviction < float(strategy.spec.min_conviction) or size <= 0:
        values = (("conviction", f"{conviction:.10g}"), ("size_pct", f"{size:.10g}"))
        return Reason(ReasonCode.LOW_CONVICTION, (*named, *values))
    # repr is the shortest decimal text of the float: from here on, money is exact.
    size_pct = Decimal(repr(size))
    canary = strategy.spec.canary
    if canary is not None and conviction < float(canary.below_conviction):
        size_pct *= canary.size_ratio
    return Proposal(symbol, strategy, min(conviction, 1.0), size_pct, signals)
