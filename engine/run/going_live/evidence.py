"""One piece of evidence: what it is about, what was found, what is needed, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from engine.model.orders import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Rung(Enum):
    """How far a set may be trusted; the order is the way up."""

    SUPERVISED = "supervised"
    CANARY = "canary"
    FULL = "full"

    @property
    def shown_in(self) -> tuple[Mode, str | None]:
        """The mode, and the stage, in which the evidence for this one is earned."""
        return _EARNED[self]


_EARNED = {
    Rung.SUPERVISED: (Mode.PAPER, None),
    Rung.CANARY: (Mode.LIVE, Rung.SUPERVISED.value),
    Rung.FULL: (Mode.LIVE, Rung.CANARY.value),
}


class Proof(Enum):
    """What a piece of evidence comes to; only the first lets anybody go on without a look."""

    SHOWN = "shown"
    LOOK = "look"
    UNTOLD = "untold"
    LACKING = "lacking"


@dataclass(frozen=True, slots=True)
class Evidence:
    """`found` against `needed`, each with its unit; `mend` is what to do about one that lacks."""

    name: str
    proof: Proof
    found: str
    needed: str
    mend: str = ""
    numbers: Mapping[str, float | str | None] = field(default_factory=dict)


def shown(name: str, found: str, needed: str) -> Evidence:
    """Evidence that is there."""
    return Evidence(name, Proof.SHOWN, found, needed)


def lacking(name: str, found: str, needed: str, mend: str) -> Evidence:
    """A blocker, with its mend."""
    return Evidence(name, Proof.LACKING, found, needed, mend)


def either(name: str, found: str, needed: str, mend: str, *, met: bool) -> Evidence:
    """Evidence where it is met, else a blocker."""
    return shown(name, found, needed) if met else lacking(name, found, needed, mend)


def verdict_of(pieces: Iterable[Evidence]) -> Proof:
    """The gravest of them: a blocker before what nobody could tell before what wants a look."""
    order = list(Proof)
    return max((each.proof for each in pieces), key=order.index, default=Proof.LACKING)
