"""Asking Python strategies: a frozen context in, checked proposals out, once a cycle.

In: the desk and the round. Out: the round's `wishes`: for each candidate what each strategy
wants of it, or why nothing. A strategy that fails, or answers what is no answer, wants nothing
in this cycle; that is noted and counted as a failure of the engine, and exits never wait for it.
"""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.cycle.proposing.answers import checked
from engine.cycle.proposing.proposal import Proposal, canary_ratio
from engine.cycle.proposing.reach import trades
from engine.model.decisions import Reason, ReasonCode
from engine.model.proposals import Candidate, Context
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.cycle.desk import Desk, Round
    from engine.cycle.judging.programme import CompiledPython
    from engine.expr.nodes import Value
    from engine.model import proposals


async def run(desk: Desk, this: Round) -> None:
    """Ask every Python strategy; each failure stays its own."""
    for strategy in desk.programme.python:
        context = context_of(desk, this, strategy)
        found: dict[str, Proposal | Reason] = {}
        await desk.guarded(
            f"strategy {strategy.name}", this, _ask(desk, this, strategy, context, found)
        )
        failed = Reason(ReasonCode.STRATEGY_FAILED, (("strategy", strategy.name),))
        for each in context.candidates:
            wish = found.get(each.symbol, failed)
            this.wishes.setdefault(Symbol.parse(each.symbol), []).append(wish)


async def _ask(
    desk: Desk,
    this: Round,
    strategy: CompiledPython,
    context: Context,
    found: dict[str, Proposal | Reason],
) -> None:
    answer = checked(strategy.propose(context), context)
    if isinstance(answer, str):
        desk.failures.append(this.now)
        this.notes.append(f"strategy {strategy.name}: {answer}")
        return
    silent = Reason(ReasonCode.NOT_PROPOSED, (("strategy", strategy.name),))
    for each in context.candidates:
        proposed = answer.get(each.symbol)
        found[each.symbol] = silent if proposed is None else _wanted(strategy, proposed)


def _wanted(strategy: CompiledPython, proposed: proposals.Proposal) -> Proposal | Reason:
    spec, conviction = strategy.spec, float(proposed.conviction)
    if conviction < float(spec.min_conviction):
        values = (
            ("strategy", strategy.name),
            ("conviction", f"{conviction:.10g}"),
            ("size_pct", f"{float(proposed.size_pct):.10g}"),
        )
        return Reason(ReasonCode.LOW_CONVICTION, values)
    asked = Decimal(repr(float(proposed.size_pct))) * canary_ratio(spec, conviction)
    symbol = Symbol.parse(proposed.symbol)
    return Proposal(symbol, strategy, conviction, asked, proposed.reason)


def context_of(desk: Desk, this: Round, strategy: CompiledPython) -> Context:
    """All that a strategy is told in this cycle, in an order that nothing outside decides."""
    universe = desk.policy_set.universe
    members = (
        (symbol, this.universe[symbol].tier)
        for symbol in sorted(this.universe)
        if symbol in this.symbols
    )
    return Context(
        candidates=tuple(
            Candidate(str(symbol), tier, _facts(strategy, this.facts(symbol)))
            for symbol, tier in members
            if trades(universe, strategy.spec, tier, symbol)
        ),
        params=MappingProxyType(_params(strategy, this.account)),
        regime=str(this.account["regime.name"]),
        held=tuple(str(each.symbol) for each in desk.state.held()),
    )


def _facts(
    strategy: CompiledPython, facts: Mapping[str, Value]
) -> Mapping[str, float | str | bool | tuple[str, ...]]:
    known = ((name, value(facts)) for name, value in strategy.facts)
    return MappingProxyType(
        {
            name: tuple(sorted(value)) if isinstance(value, frozenset) else value
            for name, value in known
            if value is not None
        }
    )


def _params(strategy: CompiledPython, account: Mapping[str, Value]) -> dict[str, float]:
    values = ((name, value(account)) for name, value in strategy.params)
    return {name: value for name, value in values if isinstance(value, float)}
