"""A short ledger that every index is asked about: two orders, two products, two cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger.records import RecordKind, encode_body
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from engine.ledger.journal import Journal

T0 = UtcTime.parse("2025-11-22T10:00:00Z")
ONE, TWO = "aaaaaaaaaaaa-8001", "aaaabbbbbbbb-8002"
BTC, ETH, SOL = Symbol("BTC", "USD"), Symbol("ETH", "USD"), Symbol("SOL", "USD")
# Kind and body of each record; the n-th stands at T0 plus n seconds.
STORY: list[tuple[RecordKind, dict[str, object]]] = [
    (RecordKind.GENESIS, {"nonce": "00"}),
    (RecordKind.CYCLE, {"cycle": 1}),
    (RecordKind.DECISION, {"intent": 1, "symbol": BTC, "verdict": "allow"}),
    (RecordKind.INTENT, {"intent": 1, "symbol": BTC, "client_order_id": ONE}),
    (RecordKind.DECISION, {"intent": 2, "symbol": ETH, "verdict": "deny", "client_order_id": None}),
    (RecordKind.SENT, {"intent": 1, "client_order_id": ONE}),
    (RecordKind.INTENT, {"intent": 3, "symbol": ETH, "client_order_id": TWO}),
    (RecordKind.FILLED, {"client_order_id": ONE, "quantity": "1"}),
    (RecordKind.DECISION, {"intent": 4, "symbol": BTC, "verdict": "deny"}),
    (RecordKind.CYCLE, {"cycle": 2}),
    (RecordKind.ALERT, {"intent": "entry", "symbol": 7, "cycle": True}),
]


def tell(journal: Journal, story: list[tuple[RecordKind, dict[str, object]]] = STORY) -> None:
    """Write the story, and make it durable."""
    for number, (kind, fields) in enumerate(story):
        journal.append(kind, T0.plus_s(number), encode_body(fields))
    journal.sync()
