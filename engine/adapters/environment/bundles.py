"""Files that somebody handed over: read within bounds, and laid out where programs find them.

In: a path, or files by name. Out: bytes, an error as a value; or a folder that is gone afterwards.
Refuses a name that leads out of that folder.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def read_bounded(path: Path, most: int) -> bytes | OSError:
    """The bytes of a file, at most one more than `most`."""
    try:
        with path.open("rb") as stream:
            return stream.read(most + 1)
    except OSError as error:
        return error


@contextmanager
def laid_out(files: Mapping[str, bytes], folder: str) -> Iterator[Path]:
    """A directory with these files in a folder of it; it is gone after the block.

    Raises ValueError for a name that leads out of the folder.
    """
    with TemporaryDirectory(prefix="mandate-") as temporary:
        top = Path(temporary) / folder
        for name, data in files.items():
            file = top.joinpath(*PurePosixPath(name).parts)
            if not file.resolve().is_relative_to(top.resolve()):
                message = f"{name!r} is no name inside of a bundle"
                raise ValueError(message)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        yield Path(temporary)
