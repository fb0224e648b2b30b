"""What the check of tightenings comes to, before anything has changed.

In: a reviewed set, and what is to lie over it. Out: `Made`: a candidate with them, the orders that
are no tightenings, and what lay over another set and does not fit this one. Nothing here reads a
file, and nothing here decides: `engine.run.tightening` makes it, with proofs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.cycle.reloading.candidate import Candidate
    from engine.errors import Diagnostic
    from engine.ledger.tightenings import Tightening
    from engine.policyset.policyset import PolicySet

    Make = Callable[["Wish"], "Made"]


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """What is to be in force: `held` were and last, `asked` are new; `running` is until then."""

    reviewed: PolicySet
    running: PolicySet
    held: tuple[Tightening, ...]
    asked: tuple[Tightening, ...] = ()

    def same(self, other: Wish) -> bool:
        """Whether the two come to the same."""
        sets = (self.reviewed.hash, self.running.hash), (other.reviewed.hash, other.running.hash)
        return sets[0] == sets[1] and (self.held, self.asked) == (other.held, other.asked)


@dataclass(frozen=True, slots=True)
class Unfit:
    """A tightening that was in force, and of which nobody can say that it tightens this set."""

    tightening: Tightening
    why: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A set with all that fits, and by their numbers why orders are refused."""

    candidate: Candidate
    refused: Mapping[int, tuple[Diagnostic, ...]] = field(default_factory=dict)
    unfit: tuple[Unfit, ...] = ()
