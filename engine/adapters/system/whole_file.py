"""A file that a person asked for: written whole, or a finding (M807) that says why not.

In: a path and bytes. Out: the file; nobody reads half of it. Refuses what the system refuses.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError, Place

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write it beside and put it in place; raises MandateError (M807)."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        why = (error.strerror or "I/O error").lower()
        place = Place(str(path), 1, 1)
        raise MandateError([Diagnostic("M807", f"cannot write it: {why}", place)]) from error
