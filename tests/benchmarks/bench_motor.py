"""One decision: 25 rules over 34 facts, the motor beside simpleeval with parsed trees.

Both sides run in one process, in turns, and do the same work: derived facts once, then every
rule, all answers kept; the motor gives the headroom of every comparison besides. With facts
missing it answers what it can in three values, while simpleeval, which has no third answer,
still gets every fact.
Run as a script for the table; `test_motor.py` holds loose bounds of the same numbers.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from simpleeval import EvalWithCompoundTypes

from engine.errors import Snippet
from engine.expr.backends.closure import Motor, compile_motor
from engine.expr.facts import VOCABULARY
from engine.expr.grammar import parse
from engine.expr.vocabulary import fact_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.expr.nodes import Node, Value

RULES: tuple[str, ...] = (
    "position.pct_after <= 3.0",
    "portfolio.at_risk_pct_after <= 60.0",
    "portfolio.group_pct_after <= 25.0",
    "strategy.at_risk_pct_after <= 20.0",
    "order.size_pct <= 2.0",
    "order.notional_usd <= 5000.0",
    "order.notional_usd >= asset.min_notional_usd",
    "portfolio.cash_available_usd >= order.notional_usd * 1.01 or order.side == 'SELL'",
    "portfolio.open_positions_count + portfolio.new_positions_cycle_count < 12.0",
    "portfolio.new_positions_cycle_count <= 2.0",
    "portfolio.pnl_day_pct > -3.0",
    "portfolio.pnl_week_pct > -6.0 and portfolio.drawdown_pct < 12.0",
    "quote.spread_bps <= 60.0",
    "0.0 <= quote.age_s <= 10.0",
    "not quote.crossed and quote.bid > 0.0",
    "order.depth_ratio >= 3.0",
    "order.cost_bps <= 80.0",
    "asset.status in ('online', 'limit_only')",
    "book.depth_total_usd >= 100000.0 and asset.listing_age_d >= 30.0",
    "venue.stablecoin_deviation_pct <= (1.0 if regime.name == 'bull' else 0.5)",
    "position.drop_from_peak_pct <= 15.0 or position.pnl_pct > 0.0",
    "regime.name != 'crash' and regime.name != 'unknown'",
    "pace.orders_1m_count < 10.0 and pace.orders_24h_count < 200.0",
    "venue.unknown_orders_count == 0.0 and venue.orders_error_ratio_5m <= 0.2",
    "min(quote.bid, order.limit_price) >= quote.mid * 0.98",
)

FACTS: dict[str, Value] = {
    "asset.listing_age_d": 900.0,
    "asset.min_notional_usd": 1.0,
    "asset.status": "online",
    "book.depth_20bps_usd": 18_000.0,
    "book.depth_total_usd": 240_000.0,
    "order.fee_bps": 40.0,
    "order.limit_price": 100.4,
    "order.notional_usd": 250.0,
    "order.side": "BUY",
    "order.slippage_bps": 6.0,
    "pace.orders_1m_count": 1.0,
    "pace.orders_24h_count": 17.0,
    "portfolio.at_risk_usd": 6_100.0,
    "portfolio.cash_available_usd": 9_000.0,
    "portfolio.drawdown_pct": 2.0,
    "portfolio.equity_usd": 20_000.0,
    "portfolio.group_at_risk_usd": 900.0,
    "portfolio.new_positions_cycle_count": 1.0,
    "portfolio.open_positions_count": 5.0,
    "portfolio.pnl_day_pct": 0.4,
    "portfolio.pnl_week_pct": -1.1,
    "position.drop_from_peak_pct": 2.5,
    "position.pending_buy_usd": 0.0,
    "position.pnl_pct": 1.5,
    "position.value_usd": 120.0,
    "quote.age_s": 0.8,
    "quote.ask": 100.5,
    "quote.bid": 100.3,
    "quote.crossed": False,
    "regime.name": "chop",
    "strategy.at_risk_usd": 1_500.0,
    "venue.orders_error_ratio_5m": 0.0,
    "venue.stablecoin_deviation_pct": 0.1,
    "venue.unknown_orders_count": 0.0,
}

CASES: dict[str, tuple[str, ...]] = {
    "every fact known": (),
    "1 fact missing": ("venue.stablecoin_deviation_pct",),
    "5 facts missing": (
        "asset.listing_age_d",
        "book.depth_20bps_usd",
        "book.depth_total_usd",
        "portfolio.equity_usd",
        "quote.age_s",
    ),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One case: seconds a decision of each side, and the ratio of the two."""

    case: str
    motor_s: float
    simpleeval_s: float
    ratio: float


class Peer:
    """simpleeval as its users run it fast: parsed once, names in a dict, answers in a list."""

    def __init__(self, trees: tuple[Node, ...]) -> None:
        self._evaluator = EvalWithCompoundTypes(functions={"min": min, "share_pct": _share_pct})
        self._derived = [
            (
                _plain(name),
                EvalWithCompoundTypes.parse(_plain(VOCABULARY.specs[name].definition or "")),
            )
            for name in _derived_facts(trees)
        ]
        self._rules = [EvalWithCompoundTypes.parse(_plain(text)) for text in RULES]
        self._names = {_plain(name): value for name, value in FACTS.items()}

    def decide(self) -> list[object]:
        """Every rule's answer over `FACTS`."""
        evaluator = self._evaluator
        evaluator.names = names = dict(self._names)
        for name, parsed in self._derived:
            names[name] = evaluator.eval("", parsed)
        return [evaluator.eval("", parsed) for parsed in self._rules]


def _share_pct(part: float, whole: float) -> float:
    return 100.0 * part / whole


def _plain(text: str) -> str:
    """Dotted names as simpleeval reads them fastest: one identifier, no attribute to look up."""
    for name in sorted({*VOCABULARY}, key=len, reverse=True):
        text = text.replace(name, name.replace(".", "__"))
    return text


def _derived_facts(trees: tuple[Node, ...]) -> tuple[str, ...]:
    """Derived facts behind the rules, each after those that it needs."""
    found: dict[str, None] = {}

    def visit(tree: Node) -> None:
        for name in sorted(fact_names(tree)):
            definition = VOCABULARY.definition_tree(name)
            if definition is not None:
                visit(definition)
                found.setdefault(name)

    for tree in trees:
        visit(tree)
    return tuple(found)


def parsed_rules() -> tuple[Node, ...]:
    """The mix as trees."""
    trees = tuple(parse(Snippet.of(text)).tree for text in RULES)
    return tuple(tree for tree in trees if tree is not None)


def measure(rounds: int = 15, loops: int = 300) -> list[Measured]:
    """Medians over `rounds` in which the sides take turns, so that both meet the same machine."""
    trees = parsed_rules()
    motor = compile_motor(trees, VOCABULARY)
    peer = Peer(trees)
    measured = []
    for case, missing in CASES.items():
        facts = {name: value for name, value in FACTS.items() if name not in missing}
        decide = partial(_decide, motor, facts)
        pairs = [
            (_seconds(decide, loops * 10), _seconds(peer.decide, loops)) for _ in range(rounds)
        ]
        ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
        ratio = statistics.median(mine / other for mine, other in pairs)
        measured.append(Measured(case, ours, theirs, ratio))
    return measured


def _decide(motor: Motor, facts: dict[str, Value]) -> object:
    answers = motor.evaluate(facts)
    return answers.verdicts, answers.headroom()


def _seconds(decide: Callable[[], object], loops: int) -> float:
    started = time.perf_counter()
    for _ in range(loops):
        decide()
    return (time.perf_counter() - started) / loops


def main() -> None:
    """Print the table."""
    lines = [f"{'25 rules, 34 facts':<20}{'motor':>12}{'simpleeval':>14}{'ratio':>9}"]
    for each in measure():
        ours, theirs = each.motor_s * 1e6, each.simpleeval_s * 1e6
        lines.append(f"{each.case:<20}{ours:>9.2f} µs{theirs:>11.2f} µs{each.ratio:>9.4f}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
