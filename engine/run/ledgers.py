"""A ledger to ask: from what a person typed to its records, its state, and who holds it.

In: the text of `--ledger`, a directory or the address of a shared ledger. Out: a path, or a
`LedgerView` of what lies there. Refuses addresses of what this release cannot reach (no directory
called `mysql:` is ever made), and places without a journal. A view reads, also while a trader
writes; it changes nothing but the embedded index, which is a cache.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from engine.adapters.postgres.address import driver_missing, is_address
from engine.adapters.sqlite.index import SqliteIndex
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.lock import lock_holder
from engine.cycle import operator
from engine.errors import Diagnostic, MandateError
from engine.ledger.index import IndexUnavailable
from engine.ledger.reader import FOLDER, JournalReader
from engine.ledger.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from engine.adapters.system.lock import Holder
    from engine.ledger.index import LedgerIndex
    from engine.ledger.records import Record
    from engine.ledger.verify import VerifyReport
    from engine.ports import Disk

LOCK = "LOCK"
INDEX = "index.sqlite"
_IN_MEMORY = Path(":memory:")


def ledger_path(text: str) -> Path:
    """The directory; raises MandateError (M450) for an address."""
    scheme, colon, _ = text.partition("://")
    if colon:
        message = f"a ledger at `{scheme}://` is not there in this release"
        mend = "name a directory, as `--ledger runs/mine`, or a `postgresql://` address"
        raise MandateError([Diagnostic("M450", message, None, mend)])
    return Path(text)


def new_ledger(parent: Path, name: str) -> Path:
    """The first of `name-1`, `name-2`, … under `parent` that is not there yet."""
    return next(path for n in count(1) if not (path := parent / f"{name}-{n}").exists())


class Follower(Protocol):
    """A ledger that is read on: each time what was written since the time before."""

    def more(self) -> Iterator[Record]:
        """The records that are new; all of them at first. Raises as `LedgerView.records`."""
        ...


class LedgerView(ABC):
    """A ledger for questions."""

    path: Path | None
    """The directory on this machine, where it is one."""

    @staticmethod
    def open(text: str) -> LedgerView:
        """The view; raises MandateError where nothing can be asked (M450, M451, M470, M477)."""
        if is_address(text):
            try:
                from engine.run.shared_view import SharedView  # noqa: PLC0415 - an extra
            except ImportError as error:
                raise driver_missing() from error
            return SharedView(text)
        return DirectoryView(text)

    @property
    @abstractmethod
    def disk(self) -> Disk:
        """The directory for whoever acts; raises MandateError (M479) where it is not at hand."""

    @abstractmethod
    def records(self) -> Iterator[Record]:
        """Every record, checked against the one before; raises BrokenChain, LedgerUnavailable."""

    @abstractmethod
    def follow(self) -> Follower:
        """The records from the first one on, and then those that are added."""

    @abstractmethod
    def verify(self) -> VerifyReport:
        """Whether the ledger is what was written."""

    @abstractmethod
    def index(self) -> AbstractContextManager[LedgerIndex]:
        """The index, up to date with the records."""

    @abstractmethod
    def holder(self) -> Holder | None:
        """The process that runs this ledger now."""

    @abstractmethod
    def kill_switch(self) -> str | None:
        """Why trading is killed; None when it is not, or where only the records can tell."""


class DirectoryView(LedgerView):
    """A ledger in a directory of this machine."""

    def __init__(self, text: str) -> None:
        self.path: Path = ledger_path(text)
        self._disk = DirectoryDisk(self.path)
        if not self._disk.names(FOLDER):
            message = f"no ledger lies in `{text}`"
            mend = "`trader run` makes one and says where"
            raise MandateError([Diagnostic("M451", message, None, mend)])

    @property
    def disk(self) -> Disk:
        """The directory."""
        return self._disk

    def records(self) -> Iterator[Record]:
        """Every record, checked against the one before; raises what `JournalReader` raises."""
        return JournalReader(self._disk).records()

    def follow(self) -> Follower:
        """The journal, read on."""
        return JournalReader(self._disk)

    def verify(self) -> VerifyReport:
        """Whether the journal is what was written."""
        return verify(self._disk)

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
        return operator.read_kill_switch(self._disk)

    def _opened(self) -> SqliteIndex:
        try:
            return self._caught_up(self.path / INDEX)
        except IndexUnavailable:
            # An auditor's copy may be on a medium that cannot be written.
            return self._caught_up(_IN_MEMORY)

    def _caught_up(self, path: Path) -> SqliteIndex:
        index = SqliteIndex(path)
        try:
            index.catch_up(JournalReader(self._disk))
        except BaseException:
            index.close()
            raise
        return index
