"""Is any order allowed now that was denied before? Asked of a solver, over all states at once.

In: two policy sets. Out: a finding for each intent: proved not looser, a state in which the one
set lets an order pass that the other refuses, or unknown. The order is the one that would leave:
its size is final. Facts lie in their ranges, keep the invariants between them, and may be missing.
A state counts only once the reference interpreter says the same of it over floats.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from engine.comparison.proving.conditions import conditions_of
from engine.comparison.proving.questions import (
    ask,
    fix_order,
    keep_invariants,
    keep_known,
    met,
)
from engine.comparison.proving.solver import Answer
from engine.expr.backends.interpret import interpret
from engine.expr.backends.smt import Encoder, Sort, World, all_of, any_of
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.comparison.proving.conditions import Condition, Wanted
    from engine.comparison.proving.own_facts import Reading
    from engine.comparison.proving.states import State
    from engine.expr.nodes import Node, Value


class Permission(Enum):
    """What was found of one intent."""

    NOT_LOOSER = "not_looser"
    LOOSER = "looser"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Witness:
    """An order that `head` allows in this state and `base` refuses, by these conditions."""

    state: State
    refused_by: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer about one intent; with a witness where it is looser."""

    intent: Intent
    permission: Permission
    witness: Witness | None = None


def permission(
    base: Reading, head: Reading, intents: Iterable[Intent] = Intent
) -> tuple[Finding, ...]:
    """For each intent: does `head` allow an order, in some state, that `base` refuses?

    Raises MandateError (M700) where no solver is installed.
    """
    return tuple(_Question(base, head, intent).answer() for intent in intents)


def query(base: Reading, head: Reading, intent: Intent) -> str:
    """The question about one intent as SMT-LIB text, for any solver: unsatisfiable is a proof."""
    return _Question(base, head, intent).world.script(assumptions=True)


class _Rules:
    """One set's conditions for orders of an intent, to be encoded and to be evaluated."""

    def __init__(self, reading: Reading, intent: Intent) -> None:
        self.conditions = conditions_of(reading.policy_set, intent)
        self.vocabulary = reading.vocabulary

    def refusing(self, facts: Mapping[str, Value]) -> tuple[Condition, ...]:
        """The conditions that refuse an order in this state, by the reference interpreter."""
        return tuple(
            each
            for each in self.conditions
            if not any(all(self._met(*part, facts) for part in way) for way in each.ways)
        )

    def _met(self, tree: Node, wanted: Wanted, facts: Mapping[str, Value]) -> bool:
        return wanted.met(interpret(tree, facts, self.vocabulary))


class _Question:
    """One intent, asked of the solver in one world of shared facts."""

    def __init__(self, base: Reading, head: Reading, intent: Intent) -> None:
        self.intent = intent
        self.base, self.head = _Rules(base, intent), _Rules(head, intent)
        self.planned = head.policy_set.deployment.equity_planned_usd[1]
        self.world = World()
        before, after = (self._allows(each) for each in (self.base, self.head))
        self.world.say(after)
        self.world.say(f"(not {before})")
        fix_order(self.world, self.base.vocabulary, intent)
        keep_known(self.world)

    def answer(self) -> Finding:
        """Unsatisfiable is a proof; anything else has to show a state that is confirmed."""
        asked = ask(self.world, self.head.vocabulary, self.planned)
        if asked.answer is Answer.UNSATISFIABLE:
            return Finding(self.intent, Permission.NOT_LOOSER)
        for state in asked.states:
            refused_by = self.base.refusing(state.facts)
            if refused_by and not self.head.refusing(state.facts):
                return Finding(self.intent, Permission.LOOSER, Witness(state, refused_by))
        return Finding(self.intent, Permission.UNKNOWN)

    def _allows(self, rules: _Rules) -> str:
        encoder = Encoder(self.world, rules.vocabulary)
        parts = [
            any_of(all_of(met(encoder, *part) for part in way) for way in each.ways)
            for each in rules.conditions
        ]
        keep_invariants(self.world, encoder, rules.vocabulary)
        return self.world.named(all_of(parts), Sort.BOOL)
