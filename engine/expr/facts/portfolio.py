"""Facts of the whole account, adjusted for deposits, withdrawals and rewards.

The windows (day, seven days) begin at the ledger's genesis and are covered from then on;
the high-water mark is kept for each mode and account.
"""

from __future__ import annotations

from engine.expr.facts.building import Source, derived
from engine.expr.units import Unit
from engine.expr.vocabulary import Absence, FactScope, FactSpec

_ACCOUNT = Source(FactScope.ACCOUNT, "cycle.facts.portfolio")
_SYMBOL = Source(FactScope.SYMBOL, "cycle.facts.position")
_GROUP = Source(FactScope.GROUP, "cycle.facts.portfolio")

_BASE: tuple[FactSpec, ...] = (
    _ACCOUNT.number(
        "portfolio.equity_usd", Unit.USD, "cash and coins in the numeraire, coins at the bid", low=0
    ),
    _ACCOUNT.number("portfolio.gross_usd", Unit.USD, "value of all coins held", low=0),
    _SYMBOL.number(
        "portfolio.cash_available_usd",
        Unit.USD,
        "cash in the symbol's quote currency that no working order holds, its fee included",
    ),
    _ACCOUNT.number(
        "portfolio.at_risk_usd", Unit.USD, "value of all positions and pending buys", low=0
    ),
    _GROUP.text("group.name", "the group at hand"),
    _GROUP.number(
        "portfolio.group_at_risk_usd",
        Unit.USD,
        "value of positions and pending buys in the group at hand",
        low=0,
    ),
    _ACCOUNT.number(
        "portfolio.open_positions_count",
        Unit.COUNT,
        "symbols held or pending; dust is not a position",
        low=0,
    ),
    _ACCOUNT.number(
        "portfolio.new_positions_cycle_count",
        Unit.COUNT,
        "positions opened in this cycle so far",
        low=0,
    ),
)

# A stop on a loss of less than this is met by the fees of a few orders.
_LOSSES_PCT = (0.2, 100.0)

_RESULTS: tuple[FactSpec, ...] = (
    _ACCOUNT.number(
        "portfolio.pnl_day_pct",
        Unit.PCT,
        "result since midnight UTC; a loss is negative",
        absence=Absence.NEVER_HAPPENED,
        first_value=0.0,
        threshold=_LOSSES_PCT,
    ),
    _ACCOUNT.number(
        "portfolio.pnl_week_pct",
        Unit.PCT,
        "result of the last seven days; a loss is negative",
        absence=Absence.NEVER_HAPPENED,
        first_value=0.0,
        threshold=_LOSSES_PCT,
    ),
    _ACCOUNT.number(
        "portfolio.drawdown_pct",
        Unit.PCT,
        "depth of equity below its high-water mark, as a positive number",
        absence=Absence.NEVER_HAPPENED,
        first_value=0.0,
        low=0,
        threshold=_LOSSES_PCT,
    ),
)

_DERIVED: tuple[FactSpec, ...] = (
    derived(
        FactScope.ACCOUNT,
        "portfolio.exposure_pct",
        Unit.PCT,
        "share_pct(portfolio.gross_usd, portfolio.equity_usd)",
        "value of all coins held, in percent of equity",
    ),
    derived(
        FactScope.ORDER,
        "portfolio.at_risk_after_usd",
        Unit.USD,
        "portfolio.at_risk_usd + order.signed_notional_usd",
        "positions and pending buys with this order",
    ),
    derived(
        FactScope.ORDER,
        "portfolio.at_risk_pct_after",
        Unit.PCT,
        "share_pct(portfolio.at_risk_usd + order.signed_notional_usd, portfolio.equity_usd)",
        "positions and pending buys with this order, in percent of equity",
    ),
    derived(
        FactScope.ORDER,
        "portfolio.group_pct_after",
        Unit.PCT,
        "share_pct(portfolio.group_at_risk_usd + order.signed_notional_usd, portfolio.equity_usd)",
        "the group at hand with this order, in percent of equity",
    ),
)

PORTFOLIO_FACTS: tuple[FactSpec, ...] = (*_BASE, *_RESULTS, *_DERIVED)
