"""Facts of how often we trade.

Nothing counted yet is 0; an age with nothing to date from is the age of the ledger.
"""

from __future__ import annotations

from engine.expr.facts.building import Source, derived
from engine.expr.units import Unit
from engine.expr.vocabulary import Absence, FactScope, FactSpec

_ACCOUNT = Source(FactScope.ACCOUNT, "cycle.facts.pace")
_SYMBOL = Source(FactScope.SYMBOL, "cycle.facts.pace")


def _count(name: str, sentence: str) -> FactSpec:
    return _ACCOUNT.number(
        name, Unit.COUNT, sentence, absence=Absence.NEVER_HAPPENED, first_value=0.0, low=0
    )


def _age(source: Source, name: str, since: str) -> FactSpec:
    return source.number(name, Unit.S, f"time since {since}", absence=Absence.SINCE_GENESIS, low=0)


_COUNTS: tuple[FactSpec, ...] = (
    _count("pace.orders_1m_count", "orders sent in the last minute"),
    _count("pace.orders_1h_count", "orders sent in the last hour"),
    _count("pace.orders_24h_count", "orders sent in the last 24 hours"),
    _count("pace.entries_1h_count", "entries begun in the last hour, further rungs aside"),
    _count("pace.entries_24h_count", "entries begun in the last 24 hours"),
    _count("pace.messages_1s_count", "submits and cancels in the last second"),
    _count("pace.messages_1m_count", "submits and cancels in the last minute"),
    _count("pace.losses_consecutive_count", "positions closed at a loss in a row"),
)

_AGES: tuple[FactSpec, ...] = (
    _age(_ACCOUNT, "pace.last_trade_age_s", "our last execution"),
    _age(_ACCOUNT, "pace.last_loss_age_s", "a position was last closed at a loss"),
    _age(_SYMBOL, "pace.symbol_last_trade_age_s", "our last execution in this symbol"),
    _age(_SYMBOL, "pace.symbol_last_entry_age_s", "our last execution that bought this symbol"),
    _age(_SYMBOL, "pace.symbol_last_win_age_s", "this symbol was last closed without a loss"),
    _age(_SYMBOL, "pace.symbol_last_loss_age_s", "this symbol was last closed at a loss"),
    _age(_SYMBOL, "pace.symbol_last_stop_age_s", "a stop last sold any of this symbol"),
    _age(
        _SYMBOL,
        "pace.symbol_last_failure_age_s",
        "an order of this symbol was refused, was never seen by the venue, or could not be sent;"
        " a post-only that would cross is none of these",
    ),
)

COOLDOWN = "pace.cooldown_remaining_s"
"""Its definition is composed for each set, of the limits that wait for an age."""

PACE_FACTS: tuple[FactSpec, ...] = (
    *_COUNTS,
    *_AGES,
    derived(
        FactScope.SYMBOL,
        COOLDOWN,
        Unit.S,
        "0",
        "how long the set's enforced limits on ages still hold back an entry into this symbol",
        low=0,
    ),
)
