"""A mutant: one mistake that somebody could make, as a change of text in one file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """`text` stands in `file` exactly once; with `instead` in its place, `breaks` comes true."""

    name: str
    file: str
    text: str
    instead: str
    breaks: str
