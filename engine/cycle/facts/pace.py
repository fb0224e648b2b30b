"""Facts of how often we trade: counts over windows, and ages since what we last did."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from engine.ledger.state import Deed
from engine.model.times import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.expr.nodes import Value
    from engine.ledger.state import State
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

COUNTS = {
    "pace.orders_1m_count": ("orders", 60),
    "pace.orders_1h_count": ("orders", 3600),
    "pace.orders_24h_count": ("orders", 86_400),
    "pace.entries_1h_count": ("entries", 3600),
    "pace.entries_24h_count": ("entries", 86_400),
    "pace.messages_1s_count": ("messages", 1),
    "pace.messages_1m_count": ("messages", 60),
}
"""Which times of the ledger's pace each count is of, and over how many seconds."""

ACCOUNT_AGES = {deed: f"pace.last_{deed.value}_age_s" for deed in (Deed.TRADE, Deed.LOSS)}
_NS = attrgetter("ns")
_SYMBOL_AGES = {deed: f"pace.symbol_last_{deed.value}_age_s" for deed in Deed}


def pace_facts(state: State, now: UtcTime) -> dict[str, Value]:
    """`pace.*` of the account; ages with nothing to date from are the ledger's own."""
    pace = state.pace
    facts: dict[str, Value] = {
        name: within(getattr(pace, times), now, seconds)
        for name, (times, seconds) in COUNTS.items()
    }
    facts["pace.losses_consecutive_count"] = float(pace.losses_in_a_row)
    for deed, name in ACCOUNT_AGES.items():
        _age(facts, name, pace.last.get(deed, state.genesis), now)
    return facts


def symbol_pace_facts(state: State, symbol: Symbol, now: UtcTime) -> dict[str, Value]:
    """`pace.symbol_*` of one product."""
    facts: dict[str, Value] = {}
    last = state.pace.last_of.get(symbol)
    if last is None:
        _age(facts, _SYMBOL_AGES[Deed.TRADE], state.genesis, now)
        # Most products were never traded: one age stands for all of theirs.
        return {name: age for age in facts.values() for name in _SYMBOL_AGES.values()}
    for deed, name in _SYMBOL_AGES.items():
        _age(facts, name, last.get(deed, state.genesis), now)
    return facts


def within(times: Sequence[UtcTime], now: UtcTime, seconds: int) -> float:
    """How many of `times`, which ascend, lie in the last `seconds`, the far edge excluded."""
    # A day has hundreds of orders, and every cycle counts them several times over.
    gone = bisect_right(times, now.ns - seconds * NS_PER_S, key=_NS)
    return float(len(times) - gone)


def _age(facts: dict[str, Value], name: str, since: UtcTime | None, now: UtcTime) -> None:
    if since is not None:
        facts[name] = max(0.0, now.since_s(since))
