"""A journal on a real directory, a real server, and the way between them, cut where a test says."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg
from fakes.shared import CLAIM

from engine.adapters.postgres import driver, schema
from engine.adapters.postgres.outbox import Outbox
from engine.adapters.postgres.reading import PostgresReader
from engine.adapters.postgres.shipping import Shipping
from engine.adapters.postgres.standing import Standing
from engine.adapters.postgres.streams import Grant, streams, take
from engine.adapters.system.disk import DirectoryDisk
from engine.ledger.journal import Journal
from engine.ledger.reader import segment_name
from engine.ledger.records import RecordKind, encode_body
from engine.ledger.verify import verify_records
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.adapters.postgres.address import Address

LEASE_S = 15.0
START = UtcTime.parse("2025-11-22T10:00:00Z")


@dataclass
class Line:
    """The line to the server: `cut` is after how many waits it breaks, before or after the wait.

    What breaks after the wait was done at the server, and nobody here knows.
    """

    address: Address
    cut: tuple[int, bool] | None = None
    down: bool = False
    waits: int = 0
    on_silence: Callable[[int], None] = lambda _looks: None

    def connect(self) -> driver.Connection:
        """A connection that breaks where it was told to."""
        if self.down:
            with driver.told(self.address):
                message = "the line is down"
                raise psycopg.OperationalError(message)
        connection = driver.connect(self.address, self.on_silence)
        whole = connection.wait

        def wait(*given: Any, **named: Any) -> Any:
            self.waits += 1
            if self.cut is None or self.waits < self.cut[0]:
                return whole(*given, **named)
            if self.cut[1]:
                whole(*given, **named)
            message = "the line was cut"
            raise psycopg.OperationalError(message)

        connection.wait = wait  # type: ignore[method-assign]  # the hook of the library
        return connection

    def mend(self) -> None:
        """Whole again."""
        self.cut, self.waits, self.down = None, 0, False


@dataclass
class Shipyard:
    """One stream under test; `now_s` is its monotonic clock."""

    root: Path
    line: Line
    now_s: float = 1000.0
    numbers: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.control = driver.connect(self.line.address)
        schema.migrate(self.control)
        self.control.execute("TRUNCATE mandate.records, mandate.epochs, mandate.streams")
        self.open()

    def open(self) -> None:
        """Start, as a process does: the journal, the lease, the way to the server."""
        self.disk = DirectoryDisk(self.root)
        self.journal = Journal.open(self.disk, segment_bytes=1500)
        self.grant: Grant = take(self.control, CLAIM, LEASE_S, over=False)
        self.standing = Standing(lambda: self.now_s, LEASE_S)
        self.line.on_silence = self.standing.silent
        self.shipping = self.ships()
        self.note_size()

    def ships(self, grant: Grant | None = None) -> Shipping:
        """A way to the server, under this grant or the newest."""
        journal = self.journal
        return Shipping(
            self.line.connect,
            grant or self.grant,
            Outbox(self.root),
            self.standing,
            lambda: journal.durable_sequence,
        )

    def append(self, records: int) -> None:
        """Put some into the journal."""
        for _ in range(records):
            kind = RecordKind.CYCLE if self.journal.last else RecordKind.GENESIS
            number = next(self.numbers)
            body = encode_body({"cycle": number, "text": "é" * (number % 50)})
            self.journal.append(kind, START.plus_s(number), body)

    def sync(self) -> None:
        """Make them durable."""
        self.journal.sync()
        self.note_size()

    def note_size(self) -> None:
        """What of the newest segment will outlive a crash."""
        self.kept = {path.name: path.stat().st_size for path in (self.root / "journal").glob("*")}

    def crash(self, share: float) -> None:
        """Die, with this share of what was written and not synced still on the disk; start anew."""
        durable = self.journal.durable_sequence
        list(self.journal.records())
        self.disk.close()
        self.shipping._close()
        newest = self.root / segment_name(self.journal._segment)
        if newest.exists():
            least = self.kept.get(newest.name, 0)
            size = newest.stat().st_size
            with newest.open("r+b") as file:
                file.truncate(least + round((size - least) * share))
        self.open()
        assert self.journal.durable_sequence >= durable

    def at_server(self) -> bytes:
        """All lines that the server holds."""
        row = self.control.execute(
            "SELECT coalesce(string_agg(line, ''::bytea ORDER BY sequence), '')"
            " FROM mandate.records"
        ).fetchone()
        assert row is not None
        assert isinstance(row[0], bytes)
        return row[0]

    def here(self) -> bytes:
        """All whole lines of the journal, durable or not."""
        paths = sorted((self.root / "journal").glob("0*.jsonl"))
        whole = b"".join(path.read_bytes() for path in paths)
        return whole[: whole.rfind(b"\n") + 1]

    def check(self) -> None:
        """The server holds a beginning of the journal, nothing twice, and its chain is whole."""
        held = self.at_server()
        assert self.here().startswith(held)
        assert held.count(b"\n") <= self.journal.durable_sequence
        (stream,) = streams(self.control)
        reader = PostgresReader(self.control, self.line.address, stream)
        report = verify_records(reader)
        assert report.intact
        assert report.records == held.count(b"\n") == stream.head.sequence

    def close(self) -> None:
        """Let go of everything."""
        self.shipping.release()
        self.control.close()
        self.disk.close()
