"""The sets of two folders, side by side: each set below them is a change of its own.

In: the folder as it is on the base, and as it is proposed. Out: `Pair`s by their path. A change of
a set that trades nothing (read-only) allows nothing, and allows a lot in the overlay that trades:
that is why all of them are looked at.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.policy_verbs.lint import inspect
from cli.policy_verbs.sets import SET_FILE
from engine.policyset.opening import load_policy_set
from engine.policyset.reading.files import top_of

if TYPE_CHECKING:
    from engine.errors import Diagnostic, Place
    from engine.policyset.policyset import PolicySet


@dataclass(frozen=True, slots=True)
class Pair:
    """One set: None on a side where there is none, or where it does not load."""

    path: str
    base: PolicySet | None
    head: PolicySet | None
    was_there: bool
    is_there: bool
    findings: tuple[Diagnostic, ...]

    @property
    def changed(self) -> bool:
        """Whether something that takes effect is another thing."""
        if self.base is None or self.head is None:
            return self.was_there or self.is_there
        return self.base.hash != self.head.hash


def pairs(base: Path, head: Path) -> list[Pair]:
    """Every set below either folder, by its path from there."""
    top = top_of(head)
    return [_pair(path, base, head, top) for path in sorted({*sets_below(base), *sets_below(head)})]


def sets_below(folder: Path) -> list[str]:
    """The paths of the sets below a folder, from there; `.` for its own."""
    return [
        Path(here).relative_to(folder).as_posix()
        for here, _, files in os.walk(folder)
        if SET_FILE in files and "/." not in Path(here).relative_to(folder).as_posix()
    ]


def _pair(path: str, base: Path, head: Path, top: Path) -> Pair:
    was, now = (base / path / SET_FILE).is_file(), (head / path / SET_FILE).is_file()
    before = load_policy_set(base / path).policy_set if was else None
    after, found = inspect(head / path) if now else (None, ())
    return Pair(path, before, after, was, now, tuple(from_top(each, top) for each in found))


def from_top(finding: Diagnostic, top: Path) -> Diagnostic:
    """The finding with its files named as the repository names them."""
    return (
        finding if finding.place is None else replace(finding, place=place_from(finding.place, top))
    )


def place_from(place: Place, top: Path) -> Place:
    """The place in a file that is named so."""
    return replace(place, file=file_from(place.file, top))


def file_from(name: str, top: Path) -> str:
    """A file's name from there, where it lies below."""
    file = Path(name).resolve()
    return file.relative_to(top).as_posix() if file.is_relative_to(top) else name
