"""The story of each order, for a click: what was asked and answered, by which rules, how near.

In: a simulation. Out: rows for the page, the latest left out where they would make it too heavy
(and the page says how many). Rules are numbered once, since every order tells of the same ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from engine.cycle.records.telling import compared_words, reason_words, short_rule
from engine.model.numbers import canonical_number
from engine.model.usage import used_pct
from engine.simulation.report.sections.wording import clock

if TYPE_CHECKING:
    from engine.ledger.bodies import Body, Json
    from engine.model.decisions import Evaluation
    from engine.policyset.policyset import PolicySet
    from engine.simulation.result import FillTold, OrderTold, Simulation

MOST_BYTES = 1_000_000
_NS_PER_MS = 1_000_000


class Stories:
    """Rows by order, and the texts that they share."""

    def __init__(self, simulation: Simulation) -> None:
        self._policy_set: PolicySet = simulation.policy_set
        self._texts: dict[str, int] = {}
        self._fills: dict[str, list[FillTold]] = {}
        for fill in simulation.fills:
            self._fills.setdefault(fill.client_order_id, []).append(fill)
        self.rows: list[Body] = []
        self.left_out = 0
        self._told = 0
        self._orders = simulation.orders
        size = 0
        for order in simulation.orders:
            row = self._row(order)
            size += len(orjson.dumps(row))
            if size + self._told > MOST_BYTES:
                self.left_out = len(simulation.orders) - len(self.rows)
                break
            self.rows.append(row)

    def when(self, number: int) -> str:
        """The instant of an order, as the page shows it."""
        return clock(self._orders[number].time)

    @property
    def texts(self) -> list[str]:
        """The texts, by number."""
        return list(self._texts)

    def _row(self, order: OrderTold) -> Body:
        intent, decision = order.intent, order.decision
        price = intent.limit_price or intent.reference_price
        reasons = [reason_words(each, self._policy_set) for each in decision.reasons]
        return {
            "t": order.time.ns // _NS_PER_MS,
            "symbol": str(intent.symbol),
            "side": intent.side.value,
            "intent": intent.intent.value,
            "strategy": self._number(intent.strategy),
            "why": self._number(intent.reason),
            "asked": canonical_number(decision.asked),
            "quantity": canonical_number(decision.quantity),
            "price": float(price),
            "verdict": decision.verdict.value,
            "outcome": order.outcome,
            "id": order.client_order_id or "",
            "reasons": [self._number(each) for each in reasons],
            "resized": [self._number(short_rule(each)) for each in decision.resized_by],
            "rules": [self._rule(each) for each in decision.evaluations],
            "fills": [
                self._fill(each) for each in self._fills.get(order.client_order_id or "", ())
            ],
        }

    def _rule(self, evaluation: Evaluation) -> Json:
        used = used_pct(evaluation)
        words = "; ".join(compared_words(evaluation, self._policy_set))
        missing = ", ".join(evaluation.missing)
        return [
            self._number(short_rule(evaluation.rule)),
            evaluation.outcome.value[0],
            None if used is None else round(used, 1),
            self._number(f"{missing} unknown" if missing else words),
        ]

    def _fill(self, fill: FillTold) -> Json:
        fee, price = canonical_number(fill.fee), canonical_number(fill.price)
        return [fill.time.ns // _NS_PER_MS, canonical_number(fill.quantity), price, fee]

    def _number(self, text: str) -> int:
        number = self._texts.get(text)
        if number is None:
            number = self._texts[text] = len(self._texts)
            self._told += len(text)
        return number
