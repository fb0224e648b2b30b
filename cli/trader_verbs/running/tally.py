"""The count of a run: what was sent, filled, rejected and denied, and why.

In: told cycles. Out: `Tally`, for the summary; and for each denial whether it is news. A denial
is the same again when product, side, intent and the rules that refuse are the same; the numbers
in it move every cycle and are no news.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.cycle.records.telling import cause
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from cli.trader_verbs.running.told import ToldCycle
    from engine.cycle.desk import Told

DenialKey = tuple[str, str, str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class Tally:
    """Counts since the beginning of this run."""

    cycles: int = 0
    sent: int = 0
    not_sent: int = 0
    would_send: int = 0
    rejected: int = 0
    unknown: int = 0
    denied: int = 0
    decisions: int = 0
    shadowed: int = 0
    fills: int = 0
    fees: Decimal = Decimal(0)
    filled_orders: set[str] = field(default_factory=set)
    denials: Counter[DenialKey] = field(default_factory=Counter)
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)
    tripped: list[str] = field(default_factory=list)
    alerts: Counter[str] = field(default_factory=Counter)
    last_order: str | None = None
    peak_equity: Decimal | None = None
    worst_drawdown_pct: Decimal = Decimal(0)

    @property
    def most_denied(self) -> str | None:
        """The product with the most denials."""
        products: Counter[str] = Counter()
        for (symbol, *_), count in self.denials.items():
            products[symbol] += count
        return products.most_common(1)[0][0] if products else None

    def add(self, told: ToldCycle) -> list[Told]:
        """Count one cycle; returns the denials that are news."""
        self.cycles += 1
        for order in told.sent:
            self.last_order = order.client_order_id
            self._count_outcome(order.outcome)
        for body in told.of(RecordKind.DECISION):
            self.decisions += 1
            self.shadowed += "shadow" in body
        for body in told.of(RecordKind.FILLED):
            self.fills += 1
            self.fees += Decimal(str(body["fee"]))
            self.filled_orders.add(str(body["client_order_id"]))
        self.tripped.extend(told.this.tripped)
        self.alerts.update(told.this.fired)
        self._note_equity(told.equity)
        return [each for each in told.denied if self._is_news(each)]

    def _count_outcome(self, outcome: str) -> None:
        match outcome.partition(":")[0]:
            case "sent":
                self.sent += 1
            case "rejected":
                self.sent += 1
                self.rejected += 1
            case "unknown":
                self.sent += 1
                self.unknown += 1
            case "would send":
                self.would_send += 1
            case _:
                self.not_sent += 1

    def _is_news(self, told: Told) -> bool:
        self.denied += 1
        key = denial_key(told)
        self.denials[key] += 1
        self.causes.update(dict.fromkeys(key[3], 1))
        return self.denials[key] == 1

    def _note_equity(self, equity: Decimal | None) -> None:
        if equity is None:
            return
        self.peak_equity = max(self.peak_equity or equity, equity)
        if self.peak_equity > 0:
            fall = 100 * (self.peak_equity - equity) / self.peak_equity
            self.worst_drawdown_pct = max(self.worst_drawdown_pct, fall)


def denial_key(told: Told) -> DenialKey:
    """What makes two denials the same."""
    intent = told.intent
    causes = tuple(cause(each) for each in told.decision.reasons)
    return str(intent.symbol), intent.side.value, intent.intent.value, causes
