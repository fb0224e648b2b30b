"""What a Python strategy is given, and what it gives back: frozen values, and nothing else.

In: the engine makes a `Context` a cycle. Out: `Proposal`s, checked by the engine before anything
believes them. This is the only part of the engine that a strategy's source may import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that the strategy may trade.

    `facts` holds those of the declared facts that are known: what is missing is missing here
    too. A set of text is a sorted tuple.
    """

    symbol: str
    tier: str
    facts: Mapping[str, float | str | bool | tuple[str, ...]]

    def number(self, name: str) -> float | None:
        """A fact that is a number; None when it is missing, or is none."""
        value = self.facts.get(name)
        return value if isinstance(value, float) else None


@dataclass(frozen=True, slots=True)
class Context:
    """One cycle as the strategy sees it; products in the order of their names."""

    candidates: tuple[Candidate, ...]
    params: Mapping[str, float]
    regime: str
    held: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A wish to enter a product: conviction from 0 to 1, size in percent of equity, and why."""

    symbol: str
    conviction: float
    size_pct: float
    reason: str
