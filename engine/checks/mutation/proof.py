"""What is asked of somebody who can prove things, handed in by whoever knows a solver.

In: a changed policy set. Out: `Sameness`: it answers as the tested one does, or a state in which a
rule of it does not, or what is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expr.nodes import Value
    from engine.policyset.policyset import PolicySet


@dataclass(frozen=True, slots=True)
class Sameness:
    """What a proof says of a change: the same, or a state in which it answers otherwise.

    `facts` are that state, `rule` the rule that tells it; where neither is there, `open_` says
    what could not be decided.
    """

    proved: bool
    rule: str | None = None
    intent: str | None = None
    facts: Mapping[str, Value] | None = None
    answer: Value | None = None
    open_: tuple[str, ...] = ()


class Prover(Protocol):
    """Says whether a changed set answers as the one that is tested does."""

    def __call__(self, changed: PolicySet) -> Sameness:
        """Proved, or a state, or what is open."""
        ...
