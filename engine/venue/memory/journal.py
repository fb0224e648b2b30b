"""The journal: one line for all that one call changed, on disk before the call is answered.

In: happenings. Out: the same, in their order, after a restart. A line begins with its checksum, so
a call is remembered as a whole or not at all; a last line that was torn by a crash is cut off, its
call was never answered. Refuses a journal that is damaged before its last line (M602), and one
that was begun with other money (M603).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import orjson

from engine.errors import Diagnostic, MandateError
from engine.model.numbers import canonical_number
from engine.venue.memory.records import as_list, as_object, read, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.ports import Disk
    from engine.venue.memory.records import Fields
    from engine.venue.news import Happening

FILE = "venue.journal"
_VERSION = 1
_SUM = 8


class MemoryLostError(Exception):
    """The disk did not take what happened: the venue knows more than it could remember."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a journal tells: whose ids, which money, and everything that happened."""

    nonce: bytes
    cash: Mapping[str, Decimal]
    happenings: Sequence[Happening]


class Journal:
    """Writes; `keep` returns once everything is durable."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def keep(self, happened: Sequence[Happening]) -> None:
        """Remember what one call changed; raises `MemoryLostError`."""
        self._write({"happened": [written(each) for each in happened]})

    def begin(self, nonce: bytes, cash: Mapping[str, Decimal]) -> None:
        """The first line of a new journal; raises `MemoryLostError`."""
        money = {name: canonical_number(units) for name, units in sorted(cash.items())}
        self._write({"version": _VERSION, "nonce": nonce.hex(), "cash": {**money}})

    def _write(self, fields: Fields) -> None:
        try:
            self._disk.append(FILE, _line(fields))
            self._disk.sync(FILE)
        except OSError as error:
            raise MemoryLostError(str(error)) from error


def opened(disk: Disk) -> Remembered | None:
    """What the journal on `disk` tells, its torn end cut off; None where there is none yet.

    Raises `MandateError` (M602) for a damaged one, OSError where it cannot be read.
    """
    try:
        data = disk.read(FILE)
    except FileNotFoundError:
        return None
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        disk.truncate(FILE, whole)
        disk.sync(FILE)
    lines = data[:whole].splitlines()
    return _told(list(_objects(lines))) if lines else None


def _told(objects: Sequence[Fields]) -> Remembered:
    first = objects[0]
    nonce, cash, version = first.get("nonce"), first.get("cash"), first.get("version")
    if not (isinstance(nonce, str) and isinstance(cash, dict)) or version != _VERSION:
        raise _damaged(1, "it does not begin as a journal of this version")
    try:
        money = {name: Decimal(str(units)) for name, units in cash.items()}
        made = bytes.fromhex(nonce)
    except (ValueError, ArithmeticError) as error:
        raise _damaged(1, f"{type(error).__name__} in its beginning") from error
    happenings = [each for at, told in enumerate(objects[1:], 2) for each in _happened(told, at)]
    return Remembered(made, money, happenings)


def _happened(told: Fields, at: int) -> Sequence[Happening]:
    try:
        return [read(as_object(each)) for each in as_list(told["happened"])]
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise _damaged(at, f"{type(error).__name__} in a record") from error


def _objects(lines: Sequence[bytes]) -> Iterator[Fields]:
    for at, line in enumerate(lines, 1):
        body = line[_SUM + 1 :]
        if line[:_SUM] != _checksum(body):
            raise _damaged(at, "its checksum differs")
        yield orjson.loads(body)


def _line(fields: Fields) -> bytes:
    body = orjson.dumps(fields)
    return _checksum(body) + b" " + body + b"\n"


def _checksum(body: bytes) -> bytes:
    return f"{zlib.crc32(body):08x}".encode()


def _damaged(line: int, why: str) -> MandateError:
    return MandateError(
        [
            Diagnostic(
                "M602",
                f"line {line} of the venue's journal cannot be used: {why}",
                help="restore the file, or begin a new venue with another `--state` directory",
            )
        ]
    )
