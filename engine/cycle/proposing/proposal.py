"""A wish of a strategy, whatever it is written in: what the cycle sizes and sends to the judge."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from engine.model.orders import Intent

if TYPE_CHECKING:
    from engine.kinds.strategy.document import StrategySpec
    from engine.model.orders import ExitPlan
    from engine.model.symbols import Symbol


class Proposing(Protocol):
    """A strategy as far as its proposals go."""

    @property
    def name(self) -> str:
        """Its name in the set."""
        ...

    @property
    def spec(self) -> StrategySpec:
        """Its document."""
        ...


@dataclass(frozen=True, slots=True)
class Proposal:
    """A strategy wants to buy a product for `size_pct` of equity.

    `plan` is the position's where it adds to one; an entry's is its strategy's.
    """

    symbol: Symbol
    strategy: Proposing
    conviction: float
    size_pct: Decimal
    reason: str
    intent: Intent = Intent.ENTRY
    plan: ExitPlan | None = None


def canary_ratio(spec: StrategySpec, conviction: float) -> Decimal:
    """The share of the full size that a conviction is good for."""
    canary = spec.canary
    weak = canary is not None and conviction < float(canary.below_conviction)
    return canary.size_ratio if canary is not None and weak else Decimal(1)
