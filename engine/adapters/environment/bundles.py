"""Bundles on disk: read within bounds, and written whole or not at all.

In: a path. Out: its bytes. Refuses nothing by raising on reading: an error is a value.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def read_bounded(path: Path, most: int) -> bytes | OSError:
    """The bytes of a file, at most one more than `most`."""
    try:
        with path.open("rb") as stream:
            return stream.read(most + 1)
    except OSError as error:
        return error


def write_whole(path: Path, data: bytes) -> OSError | None:
    """Replace a file in one step, so that nobody ever reads half of it."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        return error
    return None
