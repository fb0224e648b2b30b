"""A mutant: one mistake that somebody could make, as a change of text in one file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from histories.faults import Fault


@dataclass(frozen=True, slots=True)
class Mutant:
    """`text` stands in `file` exactly once; with `instead` in its place, `breaks` comes true.

    Histories that have one of the faults `aimed` at it are played first.
    """

    name: str
    file: str
    text: str
    instead: str
    breaks: str
    aimed: tuple[Fault, ...] = ()
