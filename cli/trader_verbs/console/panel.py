"""What a console shows, before anybody decides how it looks.

In: plain values. Out: `Panel`: a state, figures, bars of headroom, and parts, which are tables of
words. Each word that asks for a look says so by its `Tone`; screen and page paint, and add none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

HALTED = "HALTED"


class Tone(Enum):
    """How much a word asks of whoever reads it."""

    PLAIN = "plain"
    QUIET = "quiet"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


class Cell(NamedTuple):
    """A word or a number."""

    text: str
    tone: Tone = Tone.PLAIN


class Figure(NamedTuple):
    """One number that is looked at first, with what belongs to it."""

    label: str
    value: str
    note: str = ""
    tone: Tone = Tone.PLAIN


class Bar(NamedTuple):
    """How much of one rule is used; 100 is its edge."""

    name: str
    used_pct: float
    says: str
    tone: Tone


class Bars(NamedTuple):
    """Bars of one sort, the nearest first; `none` is what is said without any."""

    key: str
    title: str
    bars: tuple[Bar, ...]
    none: str


class Part(NamedTuple):
    """A table with a title; `none` is what it says without rows.

    `numbers` are the columns to end alike. `urgent` parts come first where there is little room.
    """

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    none: str
    numbers: frozenset[int] = frozenset()
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything that is shown of one trader."""

    stream: str
    state: Cell
    says: str
    policy_set: str
    hash: str
    last_cycle: Cell
    run_by: Cell
    figures: tuple[Figure, ...]
    bars: tuple[Bars, ...]
    parts: tuple[Part, ...]

    @property
    def halted(self) -> bool:
        """Whether nothing is sent any more, however it came about."""
        return self.state.text == HALTED
