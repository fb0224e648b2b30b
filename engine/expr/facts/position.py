"""Facts of what is held of one symbol, working and unknown orders at their worst case."""

from __future__ import annotations

from engine.expr.facts.building import Source, derived
from engine.expr.units import Unit
from engine.expr.vocabulary import Absence, FactScope, FactSpec

_HELD = Source(FactScope.SYMBOL, "cycle.facts.position")

_BASE: tuple[FactSpec, ...] = (
    _HELD.number("position.value_usd", Unit.USD, "value held, at the bid; 0 when flat", low=0),
    _HELD.number("position.pending_buy_usd", Unit.USD, "value of working and unknown buys", low=0),
    _HELD.number(
        "position.pending_sell_quantity",
        Unit.BASE,
        "base units in working and unknown sells",
        low=0,
    ),
    _HELD.number(
        "position.pnl_pct",
        Unit.PCT,
        "bid against the average entry price; a loss is negative",
        low=-100,
    ),
    _HELD.number(
        "position.peak_pnl_pct",
        Unit.PCT,
        "the best `position.pnl_pct` since entry",
        low=-100,
    ),
    _HELD.number(
        "position.drop_from_peak_pct",
        Unit.PCT,
        "how far the bid is below its highest since entry, as a positive number",
        low=0,
        high=100,
    ),
    _HELD.number("position.hold_h", Unit.H, "hours since entry", low=0),
    _HELD.number(
        "position.adds_24h_count",
        Unit.COUNT,
        "additions to the position in the last 24 hours",
        absence=Absence.NEVER_HAPPENED,
        first_value=0.0,
        low=0,
    ),
    _HELD.flag("position.managed", "whether our ledger bought what is held"),
    _HELD.text("position.strategy", "the strategy that opened it"),
)

POSITION_FACTS: tuple[FactSpec, ...] = (
    *_BASE,
    derived(
        FactScope.ORDER,
        "position.value_after_usd",
        Unit.USD,
        "position.value_usd + position.pending_buy_usd + order.signed_notional_usd",
        "value held and pending once the order is filled",
    ),
    derived(
        FactScope.SYMBOL,
        "position.pct",
        Unit.PCT,
        "share_pct(position.value_usd, portfolio.equity_usd)",
        "value held, in percent of equity",
    ),
    derived(
        FactScope.ORDER,
        "position.pct_after",
        Unit.PCT,
        "share_pct(position.value_after_usd, portfolio.equity_usd)",
        "value held and pending once the order is filled, in percent of equity",
    ),
)
