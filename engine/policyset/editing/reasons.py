"""Why a value is patched: the reason that stands beside it in the file of its overlay."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.policyset.reader import read_yaml
from engine.policyset.reading.files import PolicyFile, read_file
from engine.policyset.reading.nodes import places, plain

if TYPE_CHECKING:
    from engine.errors import Place


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons of the patches of some files, each file read once."""

    _read: dict[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)

    def of(self, place: Place) -> str:
        """The reason of the patch that the place lies in; empty where it gives none."""
        if place.file not in self._read:
            self._read[place.file] = _reasons(place.file)
        before = [reason for line, reason in self._read[place.file] if line <= place.line]
        return before[-1] if before else ""


def _reasons(file: str) -> tuple[tuple[int, str], ...]:
    """The first line and the reason of each patch of a file."""
    data = read_file(PolicyFile(file, Path(file)))
    root = None if isinstance(data, OSError) else read_yaml(data, file).root
    match plain(root) if root else None:
        case {"spec": {"patches": list(patches)}} if root:
            there = places(root)
            return tuple(
                (there.of(("spec", "patches", index)).line, _said(patch))
                for index, patch in enumerate(patches)
            )
        case _:
            return ()


def _said(patch: object) -> str:
    reason = patch.get("reason") if isinstance(patch, dict) else None
    return reason if isinstance(reason, str) else ""
