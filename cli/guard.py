"""The guard at the door: are `engine` and `cli` really ours?

In: the folders that Python imports from. Out: nothing, or a sentence for the operator.
Two wheels that ship a package of one name install without a warning and overwrite each other's
files, so a start beside such a stranger is refused. Imports nothing of `engine`: it may not be us.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DISTRIBUTION = "mandate-trader"
PACKAGES = ("engine", "cli")


def find_stranger(folders: Iterable[str] | None = None) -> str | None:
    """The sentence to stop with when another installed package provides our packages."""
    for record in _records(sys.path if folders is None else folders):
        name = _distribution(record)
        for package in _packages_in(record) if name != DISTRIBUTION else ():
            return (
                f"another installed package, `{name}`, also provides `{package}`; "
                f"install {DISTRIBUTION} in an environment of its own"
            )
    return None


def _records(folders: Iterable[str]) -> Iterator[Path]:
    # `importlib.metadata.packages_distributions` gives the same answer after half a second,
    # since it splits every line of every installed package. What is not there was not installed:
    # a folder without our packages, as the one beside a checkout, has no record worth reading.
    for folder in map(Path, folders):
        if any((folder / package).is_dir() for package in PACKAGES):
            yield from folder.glob("*.dist-info/RECORD")


def _distribution(record: Path) -> str:
    """`mandate_trader-0.1.0.dist-info/RECORD` belongs to `mandate-trader`."""
    return record.parent.name.partition("-")[0].replace("_", "-").lower()


def _packages_in(record: Path) -> Iterator[str]:
    lines = b"\n" + record.read_bytes()
    return (package for package in PACKAGES if f"\n{package}/".encode() in lines)
