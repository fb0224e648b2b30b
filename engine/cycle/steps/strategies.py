"""Strategies: what is wanted this cycle, per product the strongest conviction.

In: facts, and the compiled strategies. Out: proposals in a fixed order, strongest first; for each
product without one, the first thing that stood in its way. Of two equally convinced strategies
the earlier in name proposes. What is held already is asked for again only by the strategy that
holds it, and only where it says when. Pure: proposing sends nothing.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.cycle.proposing.proposal import Proposal, canary_ratio
from engine.cycle.proposing.reach import trades
from engine.model.decisions import Reason, ReasonCode
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from engine.cycle.desk import Desk, Round
    from engine.cycle.judging.programme import CompiledStrategy
    from engine.expr.backends.closure import ValueFunction
    from engine.expr.nodes import Value
    from engine.ledger.state import Membership
    from engine.model.portfolio import Position
    from engine.model.symbols import Symbol


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
    held = _held(desk, symbol)
    if held is not None and _adding(desk, held) is None:
        this.block(symbol, Reason(ReasonCode.ALREADY_HELD))
        return None
    if desk.state.working_for(symbol):
        this.block(symbol, Reason(ReasonCode.ORDER_WORKING))
        return None
    if symbol in asked_for:
        # Asked for in this cycle already, as an exit or as the next rung of an entry.
        return None
    answers = (
        _entries(desk, this, symbol, member) if held is None else [_more(desk, this, held, member)]
    )
    proposals = [each for each in answers if isinstance(each, Proposal)]
    if proposals:
        return min(proposals, key=lambda each: (-each.conviction, each.strategy.name))
    reasons = [each for each in answers if isinstance(each, Reason)]
    this.block(symbol, reasons[0] if reasons else Reason(ReasonCode.NO_STRATEGY))
    return None


def _entries(
    desk: Desk, this: Round, symbol: Symbol, member: Membership
) -> list[Proposal | Reason]:
    facts = this.facts(symbol)
    written = [
        _ask(desk, each, member.tier, symbol, facts)
        for place, each in enumerate(desk.programme.strategies)
        # Only the first strategy's reason is told, so no other's is put into words.
        if place == 0 or _wants(desk, each, member.tier, symbol, facts)
    ]
    return [*written, *this.wishes.get(symbol, ())]


def _held(desk: Desk, symbol: Symbol) -> Position | None:
    """What is held of a product; dust is no position."""
    held = desk.state.positions.get(symbol)
    return None if held is None or symbol in desk.dust() else held


def _adding(desk: Desk, held: Position) -> CompiledStrategy | None:
    """The strategy that holds a position, where it is one that adds."""
    own = (each for each in desk.programme.strategies if each.name == held.strategy)
    return next((each for each in own if each.addition is not None), None)


def _more(desk: Desk, this: Round, held: Position, member: Membership) -> Proposal | Reason:
    """What the strategy that holds a position wants to add to it."""
    strategy = _adding(desk, held)
    if strategy is None or strategy.addition is None:
        return Reason(ReasonCode.ALREADY_HELD)
    facts, when = this.facts(held.symbol), strategy.addition.when
    answers = when.motor.evaluate(facts)
    if answers.verdicts[0] is None:
        return _undecided(strategy, answers.missing(0))
    if not answers.verdicts[0] or not _trades(desk, strategy, member.tier, held.symbol):
        return Reason(ReasonCode.ALREADY_HELD)
    told = f"add: {when.rules[0].text}"
    found = _sized(strategy, held.symbol, facts, told, strategy.addition.size_pct)
    if isinstance(found, Reason):
        return found
    return replace(found, intent=Intent.ADD, plan=held.plan)


def _trades(desk: Desk, strategy: CompiledStrategy, tier: str, symbol: Symbol) -> bool:
    return trades(desk.policy_set.universe, strategy.spec, tier, symbol)


def _wants(
    desk: Desk, strategy: CompiledStrategy, tier: str, symbol: Symbol, facts: Mapping[str, Value]
) -> bool:
    if not _trades(desk, strategy, tier, symbol):
        return False
    return strategy.questions.motor.evaluate(facts).verdicts[-1] is True


def _ask(
    desk: Desk, strategy: CompiledStrategy, tier: str, symbol: Symbol, facts: Mapping[str, Value]
) -> Proposal | Reason:
    if not _trades(desk, strategy, tier, symbol):
        values = (("strategy", strategy.name), ("tier", tier))
        return Reason(ReasonCode.NO_STRATEGY, values)
    answers = strategy.questions.motor.evaluate(facts)
    entry = len(strategy.questions.rules) - 1
    verdict = answers.verdicts[entry]
    if verdict is None:
        return _undecided(strategy, answers.missing(entry))
    signals = answers.verdicts[:-1]
    if not verdict:
        return _no_signal(strategy.name, strategy.signals, signals)
    told = _told(strategy.signals, signals)
    return _sized(strategy, symbol, facts, told, strategy.size_pct)


def _undecided(strategy: CompiledStrategy, missing: Iterable[str]) -> Reason:
    values = (("strategy", strategy.name), ("missing", ",".join(missing)))
    return Reason(ReasonCode.SIGNAL_UNDECIDED, values)


@lru_cache  # most products say the same of a strategy, every cycle
def _no_signal(strategy: str, names: tuple[str, ...], verdicts: tuple[bool | None, ...]) -> Reason:
    values = (("strategy", strategy), ("signals", _told(names, verdicts)))
    return Reason(ReasonCode.NO_SIGNAL, values)


def _told(names: tuple[str, ...], verdicts: tuple[bool | None, ...]) -> str:
    """Each signal with its answer, such as `breakout:true volume:false`."""
    words = {True: "true", False: "false", None: "undecided"}
    return " ".join(f"{n}:{words[v]}" for n, v in zip(names, verdicts, strict=True))


def _sized(
    strategy: CompiledStrategy,
    symbol: Symbol,
    facts: Mapping[str, Value],
    told: str,
    size_pct: ValueFunction,
) -> Proposal | Reason:
    conviction, size = strategy.conviction(facts), size_pct(facts)
    if not isinstance(conviction, float) or not isinstance(size, float):
        return _undecided(strategy, ["conviction or size_pct"])
    # As floats, as rules compare: 0.6 is not below 0.6, though the float is below the decimal.
    if conviction < float(strategy.spec.min_conviction) or size <= 0:
        values = (
            ("strategy", strategy.name),
            ("conviction", f"{conviction:.10g}"),
            ("size_pct", f"{size:.10g}"),
        )
        return Reason(ReasonCode.LOW_CONVICTION, values)
    # repr is the shortest decimal text of the float: from here on, money is exact.
    asked = Decimal(repr(size)) * canary_ratio(strategy.spec, conviction)
    return Proposal(symbol, strategy, min(conviction, 1.0), asked, told)
