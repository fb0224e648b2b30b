"""A ledger to ask: from what a person typed to its records, its state, and who holds it.

In: the text of `--ledger`. Out: a path, or a `LedgerView` of what lies there. Refuses addresses
of what this release cannot reach (no directory called `postgresql:` is ever made), and
directories without a journal. A view reads, also while a trader writes; it changes nothing but
the index, which is a cache.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from engine.adapters.sqlite.index import SqliteIndex
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.lock import lock_holder
from engine.cycle import operator
from engine.errors import Diagnostic, MandateError
from engine.ledger.index import IndexUnavailable
from engine.ledger.reader import FOLDER, JournalReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.adapters.system.lock import Holder
    from engine.ledger.records import Record

LOCK = "LOCK"
INDEX = "index.sqlite"
_IN_MEMORY = Path(":memory:")


def ledger_path(text: str) -> Path:
    """The directory; raises MandateError (M450) for an address."""
    scheme, colon, _ = text.partition("://")
    if colon:
        message = f"a ledger at `{scheme}://` is not there in this release"
        mend = "name a directory: `--ledger runs/mine`"
        raise MandateError([Diagnostic("M450", message, None, mend)])
    return Path(text)


def new_ledger(parent: Path, name: str) -> Path:
    """The first of `name-1`, `name-2`, … under `parent` that is not there yet."""
    return next(path for n in count(1) if not (path := parent / f"{name}-{n}").exists())


class LedgerView:
    """A ledger for questions."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.disk = DirectoryDisk(path)

    @classmethod
    def open(cls, text: str) -> LedgerView:
        """The view; raises MandateError for an address (M450) or where no ledger is (M451)."""
        view = cls(ledger_path(text))
        if not view.disk.names(FOLDER):
            message = f"no ledger lies in `{text}`"
            mend = "`trader run` makes one and says where"
            raise MandateError([Diagnostic("M451", message, None, mend)])
        return view

    def records(self) -> Iterator[Record]:
        """Every record, checked against the one before; raises what `JournalReader` raises."""
        return JournalReader(self.disk).records()

    @contextmanager
    def index(self) -> Iterator[SqliteIndex]:
        """The index, brought up to the journal; in memory where none can be kept beside it."""
        index = self._opened()
        try:
            yield index
        finally:
            index.close()

    def holder(self) -> Holder | None:
        """The process that runs this ledger now."""
        return lock_holder(self.path / LOCK)

    def kill_switch(self) -> str | None:
        """Why trading is killed; None when it is not."""
        return operator.read_kill_switch(self.disk)

    def _opened(self) -> SqliteIndex:
        try:
            return self._caught_up(self.path / INDEX)
        except IndexUnavailable:
            # An auditor's copy may be on a medium that cannot be written.
            return self._caught_up(_IN_MEMORY)

    def _caught_up(self, path: Path) -> SqliteIndex:
        index = SqliteIndex(path)
        try:
            index.catch_up(JournalReader(self.disk))
        except BaseException:
            index.close()
            raise
        return index
