"""All the ledgers of one place, for a person who runs several accounts.

In: a folder that holds ledgers, or the address of a server. Out: what each is asked by, in order.
Refuses (MandateError) a place without any (M920), and what a single ledger there refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.postgres.address import driver_missing, is_address
from engine.errors import Diagnostic, MandateError
from engine.ledger.reader import FOLDER
from engine.run.ledgers import ledger_path

if TYPE_CHECKING:
    from pathlib import Path

_DEEPEST = 3
"""Ledgers lie a few folders below: by host, by account."""


def ledgers_in(text: str) -> tuple[str, ...]:
    """The words that open each of them; raises MandateError (M450, M470, M477, M920)."""
    found = _shared(text) if is_address(text) else _below(ledger_path(text))
    if not found:
        message = f"no ledger lies in `{text}`, nor in the folders below it"
        mend = "name the folder that holds the folders that `trader run --ledger` was given"
        raise MandateError([Diagnostic("M920", message, None, mend)])
    return found


def _below(folder: Path) -> tuple[str, ...]:
    patterns = ("/".join(["*"] * depth + [FOLDER.rstrip("/")]) for depth in range(_DEEPEST + 1))
    journals = (path for pattern in patterns for path in folder.glob(pattern))
    return tuple(sorted(str(each.parent) for each in journals if any(each.glob("*.jsonl"))))


def _shared(text: str) -> tuple[str, ...]:
    try:
        from engine.run.shared_view import streams_at  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise driver_missing() from error
    return streams_at(text)
