"""A ledger of decisions, written as the cycle writes them: what re-judging is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cycle.trading_desk import START

from engine.adapters.system.memory_disk import MemoryDisk
from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.records.activation import activation_body
from engine.cycle.records.order_bodies import decision_body
from engine.cycle.rejudge import RejudgeReport, rejudge
from engine.ledger.journal import SEGMENT_BYTES, Journal
from engine.ledger.reader import JournalReader
from engine.ledger.records import Record, RecordKind, encode_body
from engine.model.orders import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.cycle.judging.situation import Situation
    from engine.model.orders import OrderIntent
    from engine.policyset.policyset import PolicySet
    from engine.ports import Disk

MODE = Mode.PAPER


class Story:
    """A ledger of decisions, written as the cycle writes them."""

    def __init__(
        self, policy_set: PolicySet, disk: Disk | None = None, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self.disk = MemoryDisk() if disk is None else disk
        self.journal = Journal.open(self.disk, segment_bytes=segment_bytes)
        self.take(policy_set)
        genesis = {"mode": "paper", "account": "main", "nonce": "00", "cash": {}}
        self.record(RecordKind.GENESIS, genesis)

    def take(self, policy_set: PolicySet) -> None:
        """From here on this set decides."""
        self.policy_set = policy_set
        self.judge = Judge(policy_set, MODE)
        self.names = Programme(policy_set, MODE).decision_facts

    def record(self, kind: RecordKind, body: Mapping[str, object]) -> None:
        """Append one record."""
        self.journal.append(kind, START, encode_body(body))

    def activate(self, **changes: object) -> None:
        """The set enters the ledger."""
        self.record(RecordKind.SET_ACTIVATED, {**activation_body(self.policy_set), **changes})

    def decide(self, order: OrderIntent, around: Situation, **changes: object) -> None:
        """One decision enters the ledger; `changes` are what somebody did to it since."""
        body = decision_body(order, around, self.judge.judge(order, around), self.names)
        named = {
            "cycle": 1,
            "client_order_id": None,
            "policy_set": self.policy_set.hash,
            "mode": MODE.value,
            "intent": order.number,
        }
        self.record(RecordKind.DECISION, {**body, **named, **changes})

    def records(self) -> Iterable[Record]:
        """All records, as a reader finds them."""
        self.journal.sync()
        return JournalReader(self.disk).records()

    def rejudged(self) -> RejudgeReport:
        """What re-judging says of the story."""
        return rejudge(self.records())
