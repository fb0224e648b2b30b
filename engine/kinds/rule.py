"""The rule: what every policy kind lowers to, and all that motor, proofs and coverage see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.errors import Place
    from engine.expr.nodes import Node
    from engine.model.orders import Intent, Mode


class Scope(Enum):
    """What a breach refuses: just this, never more."""

    ORDER = "order"
    SYMBOL = "symbol"
    GROUP = "group"
    STRATEGY = "strategy"
    PORTFOLIO = "portfolio"
    ACCOUNT = "account"
    VENUE = "venue"


class Stage(Enum):
    """How much a rule counts; only `enforce` satisfies a rail, denies, or resizes."""

    ENFORCE = "enforce"
    WARN = "warn"
    SHADOW = "shadow"


class OnBreach(Enum):
    """What happens to an order that breaks a rule."""

    DENY = "deny"
    RESIZE = "resize"


class RuleRole(Enum):
    """The question that a rule answers; the cycle's steps each take theirs."""

    LIMIT = "limit"
    GUARD = "guard"
    TRIP = "trip"
    ALERT = "alert"
    TIER_ENTER = "tier_enter"
    TIER_STAY = "tier_stay"
    REGIME = "regime"
    SIGNAL = "signal"
    ENTRY = "entry"
    ADD = "add"
    EXIT_WHEN = "exit_when"


@dataclass(frozen=True, slots=True)
class Rule:
    """One question with its circumstances.

    `id` is `Kind/name` or `Kind/name#part` and stable over releases. `tree` has its parameters
    replaced by their values; derived facts are still names, resolved by the vocabulary.
    `minimum` marks a dust or minimum rule: checked after sizing, since it is the one kind that
    may refuse a smaller order where it lets a larger one pass.
    """

    id: str
    role: RuleRole
    scope: Scope
    intents: frozenset[Intent]
    modes: frozenset[Mode]
    tree: Node
    stage: Stage
    on_breach: OnBreach
    minimum: bool
    text: str
    place: Place

    @property
    def document(self) -> str:
        """`Kind/name` of the document that the rule comes from."""
        return self.id.partition("#")[0]
