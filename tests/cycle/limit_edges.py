"""The edge of every limit of the shipped set: facts at it, and a step beyond it.

One row a rule, over an account that is so large and so long at rest that no other limit is near.
The orders are of BTC, whose increment is 0.0001.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from cycle.cases import wish
from cycle.trading_desk import BTC, product
from policyset.sets import shipped

from engine.cycle.judge import Judge
from engine.cycle.judging.situation import Situation
from engine.kinds.strategy.document import StrategyDocument
from engine.model.orders import Intent, Mode

if TYPE_CHECKING:
    from engine.expr.nodes import Value
    from engine.model.decisions import Decision
    from engine.policyset.policyset import PolicySet

LARGE = 10_000_000.0
# What each strategy gives itself at most, enabled or not.
BUDGETS = {
    each.document.name: float(each.document.content.spec.budget.at_risk_pct)
    for each in shipped().sealed
    if isinstance(each.document.content, StrategyDocument)
}
# After what an entry into the same product waits, and for how long.
COOLED = {"entry": 1800.0, "win": 600.0, "loss": 3600.0, "stop": 7200.0, "failure": 300.0}

# An account so large, and so long at rest, that no limit is near: 1,000 USD of BTC at 100,000.
PLENTY: dict[str, Value] = {
    "portfolio.equity_usd": LARGE,
    "portfolio.at_risk_usd": 0.0,
    "portfolio.gross_usd": 0.0,
    "portfolio.cash_available_usd": LARGE,
    "portfolio.open_positions_count": 0.0,
    "portfolio.new_positions_cycle_count": 0.0,
    "position.value_usd": 0.0,
    "position.pending_buy_usd": 0.0,
    "strategy.name": "momentum",
    "strategy.at_risk_usd": 0.0,
    "strategy.executions_since_arm_count": 0.0,
    "strategy.orders_cycle_count": 0.0,
    "pace.entries_1h_count": 0.0,
    "pace.entries_24h_count": 0.0,
    "pace.messages_1s_count": 0.0,
    "pace.messages_1m_count": 0.0,
    "pace.last_trade_age_s": LARGE,
    "pace.symbol_last_trade_age_s": LARGE,
    **{f"pace.symbol_last_{what}_age_s": LARGE for what in COOLED},
    "engine.stage": "full",
    "regime.name": "chop",
    "asset.symbol": "BTC-USD",
    "asset.status": "online",
    "asset.tier": "major",
    "order.symbol": "BTC-USD",
    "order.base": "BTC",
    "order.quote_currency": "USD",
    "order.type": "post_only",
    "order.strategy": "momentum",
    "order.opens_position": True,
    "order.continues": False,
    "order.self_match": False,
    "order.duplicate_age_s": LARGE,
    "order.fee_bps": 40.0,
    "order.slippage_bps": 0.0,
    "order.price_vs_mid_bps": -1.0,
    "quote.bid": 99_999.0,
    "quote.ask": 100_001.0,
    "quote.age_s": 0.0,
    "quote.one_sided": False,
    "quote.crossed": False,
    "book.depth_20bps_usd": LARGE,
    'mean("15m")': 100_000.0,
}


@dataclass(frozen=True, slots=True)
class Edge:
    """Facts at a limit and beyond it, and the units of BTC that are asked for in either case."""

    at: dict[str, Value] = field(default_factory=dict)
    beyond: dict[str, Value] = field(default_factory=dict)
    units: tuple[str, str] = ("0.01", "0.01")
    price: str = "100000"


def of(name: str, at: Value, beyond: Value) -> Edge:
    """One fact at its limit and beyond."""
    return Edge({name: at}, {name: beyond})


def sized(units: str, more: str, price: str = "100000", **around: Value) -> Edge:
    """The order itself at its limit and one increment (0.0001 BTC) beyond."""
    facts = {name.replace("__", "."): value for name, value in around.items()}
    return Edge(facts, facts, (units, more), price)


def _quoted(ask: float) -> dict[str, Value]:
    return {"quote.ask": ask, "quote.bid": 0.9999 * ask, 'mean("15m")': ask}


XLM = {**_quoted(0.01), "order.base": "XLM"}
EDGES: dict[str, Edge] = {
    "ExecutionPolicy/orders#cost": of("order.fee_bps", 70.0, 70.1),
    "ExecutionPolicy/orders#depth": of("book.depth_20bps_usd", 2_000.0, 1_999.0),
    "ExecutionPolicy/orders#dust": sized("0.0150", "0.0149", "1000"),
    "ExecutionPolicy/orders#product_status": of("asset.status", "online", "limit_only"),
    "ExecutionPolicy/orders#quote_age": of("quote.age_s", 5.0, 5.01),
    "ExecutionPolicy/orders#spread": Edge(
        {"quote.bid": 99_750.0, "quote.ask": 100_250.0},
        {"quote.bid": 99_750.0, "quote.ask": 100_251.0},
    ),
    "ExecutionPolicy/orders#two_sided": of("quote.crossed", at=False, beyond=True),
    "RiskLimit/cash_available": sized("0.01", "0.0101", portfolio__cash_available_usd=1004.0),
    **{
        f"RiskLimit/cooldown_after_{'fill' if what == 'entry' else what}": of(
            f"pace.symbol_last_{what}_age_s", wait, wait - 0.1
        )
        for what, wait in COOLED.items()
    },
    "RiskLimit/max_executions": of("strategy.executions_since_arm_count", 199.0, 200.0),
    "RiskLimit/max_group": sized("0.01", "0.0101", portfolio__equity_usd=100_000.0),
    "RiskLimit/max_messages_1m": of("pace.messages_1m_count", 59.0, 60.0),
    "RiskLimit/max_messages_1s": of("pace.messages_1s_count", 4.0, 5.0),
    "RiskLimit/max_new_positions": of("portfolio.new_positions_cycle_count", 0.0, 1.0),
    "RiskLimit/max_open_positions": of("portfolio.open_positions_count", 7.0, 8.0),
    "RiskLimit/max_order_quantity": Edge(
        _quoted(1_000.0), _quoted(1_000.0), ("0.1", "0.1001"), "1000"
    ),
    "RiskLimit/max_order_value": sized("0.015", "0.0151"),
    "RiskLimit/max_orders_1h": of("pace.entries_1h_count", 4.0, 5.0),
    "RiskLimit/max_orders_24h": of("pace.entries_24h_count", 39.0, 40.0),
    "RiskLimit/max_position": sized(
        "0.01", "0.0101", portfolio__equity_usd=100_000.0, position__value_usd=2_000.0
    ),
    "RiskLimit/max_stage_at_risk": sized("0.01", "0.0101", engine__stage="canary"),
    "RiskLimit/max_strategy": sized(
        "0.01",
        "0.0101",
        portfolio__equity_usd=100_000.0,
        strategy__at_risk_usd=9_000.0,
        order__strategy="of no budget",
    ),
    "RiskLimit/max_total_at_risk": sized(
        "0.01",
        "0.0101",
        portfolio__equity_usd=40_000.0,
        portfolio__at_risk_usd=5_000.0,
    ),
    "RiskLimit/min_symbol_gap": of("pace.symbol_last_trade_age_s", 900.0, 899.9),
    "RiskLimit/min_trade_gap": of("pace.last_trade_age_s", 90.0, 89.9),
    "RiskLimit/no_duplicates": of("order.duplicate_age_s", 10.0, 9.9),
    "RiskLimit/no_self_match": of("order.self_match", at=False, beyond=True),
    "RiskLimit/price_collar": of("order.price_vs_mid_bps", 100.0, 100.1),
    "RiskLimit/price_collar_over_time": of('mean("15m")', 100_000.0 / 1.05, 100_000.0 / 1.051),
    **{
        f"Strategy/{name}#budget": sized(
            "0.01",
            "0.0101",
            portfolio__equity_usd=100_000.0,
            strategy__at_risk_usd=1_000.0 * (budget - 1),
            order__strategy=name,
        )
        for name, budget in BUDGETS.items()
    },
}
# The other side of rules with two, and the ways around a rule that are no breach.
MORE: dict[str, tuple[str, Edge]] = {
    "a price far short of the mid": (
        "RiskLimit/price_collar",
        of("order.price_vs_mid_bps", -500.0, -500.1),
    ),
    "a mid far below its mean": (
        "RiskLimit/price_collar_over_time",
        of('mean("15m")', 100_000.0 / 0.95, 100_000.0 / 0.949),
    ),
    "a coin without a maximum of its own": (
        "RiskLimit/max_order_quantity",
        Edge(XLM, XLM, ("20000", "20000.0001"), "0.01"),
    ),
    "more units than the ask lets 2,000 USD buy": (
        "RiskLimit/max_order_quantity",
        Edge(_quoted(200_000.0), _quoted(200_000.0), ("0.01", "0.0101"), "2000"),
    ),
    "a book of one side": (
        "ExecutionPolicy/orders#two_sided",
        of("quote.one_sided", at=False, beyond=True),
    ),
    "the first stage": (
        "RiskLimit/max_stage_at_risk",
        sized("0.001", "0.0011", engine__stage="supervised"),
    ),
}
ROWS = {**{name: (name, edge) for name, edge in EDGES.items()}, **MORE}


def decide(
    edge: Edge,
    *,
    beyond: bool,
    intent: Intent = Intent.ENTRY,
    policy_set: PolicySet | None = None,
    without: str = "",
) -> Decision:
    """What the shipped set, or another, says of an order at an edge or beyond it.

    The fact `without` is not known.
    """
    facts = {**PLENTY, **(edge.beyond if beyond else edge.at)}
    facts |= {"order.side": intent.side.value, "order.intent": intent.value}
    order = wish(intent, edge.units[beyond], edge.price)
    group = _group(facts)
    facts.pop(without, None)
    around = Situation(facts, (group,), product(BTC), Decimal(1), ())
    return _judge(policy_set or shipped()).judge(order, around)


_JUDGES: dict[str, Judge] = {}


def _judge(policy_set: PolicySet) -> Judge:
    if policy_set.hash not in _JUDGES:
        _JUDGES[policy_set.hash] = Judge(policy_set, Mode.PAPER)
    return _JUDGES[policy_set.hash]


def _group(facts: dict[str, Value]) -> dict[str, Value]:
    """Of the account with 100,000 USD, 9,000 are in the theme; a larger one has no theme near."""
    full = facts["portfolio.equity_usd"] == 100_000.0 and not facts["strategy.at_risk_usd"]
    held = 9_000.0 if full and not facts["position.value_usd"] else 0.0
    return {"group.name": "LAYER1", "portfolio.group_at_risk_usd": held}
