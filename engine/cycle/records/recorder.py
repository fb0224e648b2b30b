"""Recorder: the one hand that writes the ledger, and the fold that moves with it.

In: a record's kind, time and body. Out: the record, appended and folded. A record that cannot
be made durable raises, and nothing is sent after it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from engine.ledger import fold
from engine.ledger.chain import LedgerUnavailable
from engine.ledger.records import RecordKind, encode_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.ledger.bodies import Body
    from engine.ledger.journal import Journal
    from engine.ledger.records import Record
    from engine.ledger.state import State
    from engine.model.times import UtcTime


_MOVES_NO_FACT = frozenset({RecordKind.DECISION, RecordKind.WAIVER_USED})
"""What is only told: no fact is another one after it."""


class Recorder:
    """Appends to the journal and folds what it appended; `healthy` until a write failed.

    `moved` is the newest record since the start that a fact may be another one by.

    `hearers` are told of every record after the state has moved: what people read follows the
    ledger. `synced` stands around each wait for the disk, for whoever measures it.
    """

    def __init__(self, journal: Journal, state: State) -> None:
        self._journal = journal
        self.state = state
        self.healthy = True
        self.moved: Record | None = None
        self.hearers: list[Callable[[Record, Body], None]] = []
        self.synced: Callable[[], AbstractContextManager[None]] = nullcontext

    def record(self, kind: RecordKind, time: UtcTime, body: Body) -> Record:
        """Append one record and move the state; on LedgerUnavailable nothing has moved."""
        with self._watched():
            record = self._journal.append(kind, time, encode_body(body))
        # The record's own time: a wall clock that was set back does not set the ledger back.
        fold.apply(self.state, kind, record.time, body)
        if kind not in _MOVES_NO_FACT:
            self.moved = record
        for hear in self.hearers:
            hear(record, body)
        return record

    def records(self) -> Iterator[Record]:
        """Every record of the ledger, oldest first."""
        return self._journal.records()

    @property
    def last(self) -> Record | None:
        """The newest record."""
        return self._journal.last

    def sync(self) -> None:
        """Return once all records are durable; raises LedgerUnavailable."""
        with self._watched(), self.synced():
            self._journal.sync()

    def show(self) -> None:
        """Let whoever reads the ledger see what is recorded, durable or not yet."""
        with self._watched():
            self._journal.show()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except LedgerUnavailable:
            self.healthy = False
            raise
