"""What a control can be carried by: a rule, a statement of a document, an invariant, an artefact.

In: nothing. Out: the four forms as values, and whether a rule really is what a document claims:
enforced, in live trading, for every order that adds risk, over the facts that the control is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expr.vocabulary import fact_names
from engine.kinds.rule import RuleRole, Stage
from engine.model.orders import Intent, Mode

if TYPE_CHECKING:
    from engine.kinds.base import Path
    from engine.kinds.rule import Rule
    from engine.policyset.lint.measures import Measures

LIMITS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
TRIPS = frozenset({RuleRole.TRIP})
TIERS = frozenset({RuleRole.TIER_ENTER})
OPENING = frozenset({Intent.ENTRY})
ADDING = frozenset({Intent.ENTRY, Intent.ADD})


@dataclass(frozen=True, slots=True)
class Carrier:
    """One part of a control with the facts of which an enforced rule must name one.

    `facts` are names, beginnings of names (`pace.last_*`), or series functions (`mean(`); none
    means that the role alone suffices. `beside` must be named too. `upper` says from which side a
    limit has to bound the fact; None where either will do. A `rail` is what no set trades real
    money without; what is not `needed` counts where it is there, and is not missed elsewhere.
    """

    control: str
    words: str
    roles: frozenset[RuleRole]
    facts: frozenset[str]
    mend: str
    upper: bool | None = None
    beside: frozenset[str] = frozenset()
    intents: frozenset[Intent] = ADDING
    rail: bool = False
    needed: bool = True

    def carried_by(self, rule: Rule, measures: Measures) -> bool:
        """Whether the rule carries it for every order that adds risk in live trading."""
        if rule.stage is not Stage.ENFORCE or rule.role not in self.roles:
            return False
        if Mode.LIVE not in rule.modes:
            return False
        if rule.role is not RuleRole.TRIP and not rule.intents >= self.intents:
            return False
        named = fact_names(rule.tree)
        if self.beside and not _names(named, self.beside):
            return False
        return (not self.facts or _names(named, self.facts)) and self._on_its_side(rule, measures)

    def _on_its_side(self, rule: Rule, measures: Measures) -> bool:
        """A plain bound counts from its own side only: a minimum order is no maximum."""
        sides = {bound.upper for bound in measures.bounds([rule]) if bound.words in self.facts}
        return self.upper is None or not sides or self.upper in sides


@dataclass(frozen=True, slots=True)
class Statement:
    """A field of a document that bears on a control without being a rule."""

    control: str
    words: str
    kind: str
    path: Path


@dataclass(frozen=True, slots=True)
class Invariant:
    """What the engine does under any set, and the tests that show it, as `file::test`."""

    control: str
    words: str
    shown_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Artefact:
    """What carries a control that is a matter of process.

    `paths` lie in the repository; without any, it is something that this release does not have.
    """

    control: str
    words: str
    paths: tuple[str, ...] = ()


def _names(named: frozenset[str], wanted: frozenset[str]) -> bool:
    families = tuple(each.rstrip("*") for each in wanted if each.endswith(("(", "*")))
    return any(name in wanted or name.startswith(families) for name in named)
