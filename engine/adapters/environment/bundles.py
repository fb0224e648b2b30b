"""Files that somebody handed over: read within bounds.

In: a path. Out: its bytes. Refuses nothing by raising: an error is a value.
"""

from __future__ import annotations

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
