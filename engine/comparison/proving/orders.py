"""When the judge refuses an order, step by step, for a base and for changes of it.

In: a policy set and an intent. Out: `Orders`, encoded once, and for each change a `Question`: is
there an order that one of the two refuses at a step where the other does not? The steps are the
judge's own; breakers and the universe stand before the judge and are rules by themselves.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from engine.comparison.proving.conditions import ORDER_ROLES, Wanted, enforced
from engine.comparison.proving.questions import fix_order, keep_invariants, keep_known, met
from engine.expr.backends.interpret import interpret
from engine.expr.backends.smt import Encoder, Sort, World, all_of, any_of
from engine.kinds.rule import OnBreach
from engine.policyset.sizing_rules import depends_on_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.expr.nodes import Node, Value
    from engine.kinds.rule import Rule
    from engine.model.orders import Intent
    from engine.policyset.policyset import PolicySet


class Step(Enum):
    """Where a rule is asked."""

    EVERY_SIZE = "every size"  # what does not turn on the size
    ASKED = "asked"  # at the size that is asked for; what shrinks orders only must be decided
    SIZED = "sized"  # at each smaller size
    MINIMUM = "minimum"  # what refuses in the end alone


class Steps:
    """One set's limits and guards for orders of an intent: by step and rule, what is wanted."""

    def __init__(self, policy_set: PolicySet, intent: Intent) -> None:
        self.intent = intent
        self.vocabulary = policy_set.vocabulary
        self.wanted: dict[Step, dict[str, tuple[Node, Wanted]]] = {each: {} for each in Step}
        for rule in enforced(policy_set, ORDER_ROLES):
            if intent in rule.intents:
                for step, wanted in self._asked(rule):
                    self.wanted[step][rule.id] = rule.tree, wanted

    def _asked(self, rule: Rule) -> Iterator[tuple[Step, Wanted]]:
        passing = Wanted.TRUE if self.intent.adds_risk else Wanted.NOT_FALSE
        if rule.minimum:
            yield Step.MINIMUM, passing
        elif not depends_on_size(rule.tree, self.vocabulary):
            yield Step.EVERY_SIZE, passing
        elif rule.on_breach is OnBreach.RESIZE:
            yield Step.ASKED, Wanted.DECIDED
            yield Step.SIZED, passing
        else:
            yield Step.ASKED, passing

    def refusing(self, step: Step, facts: Mapping[str, Value]) -> set[str]:
        """The rules that do not let an order pass a step, by the reference interpreter."""
        return {
            id_
            for id_, (tree, wanted) in self.wanted[step].items()
            if not wanted.met(interpret(tree, facts, self.vocabulary))
        }


class Orders:
    """A base's steps, encoded; changes of it are asked about one after another."""

    def __init__(self, policy_set: PolicySet, intent: Intent) -> None:
        self.steps = Steps(policy_set, intent)
        self.world = World()
        encoder = Encoder(self.world, policy_set.vocabulary)
        self.terms = {
            step: {id_: self._named(encoder, *part) for id_, part in parts.items()}
            for step, parts in self.steps.wanted.items()
        }
        keep_invariants(self.world, encoder, policy_set.vocabulary)
        fix_order(self.world, policy_set.vocabulary, intent)

    def _named(self, encoder: Encoder, tree: Node, wanted: Wanted) -> str:
        return self.world.named(met(encoder, tree, wanted), Sort.BOOL)

    def against(self, changed: PolicySet, ids: frozenset[str]) -> Question:
        """The question whether these rules refuse another order where they are changed."""
        return Question(self, Steps(changed, self.steps.intent), ids)


class Question:
    """A base and a change of these rules, in a world of their own."""

    def __init__(self, base: Orders, changed: Steps, ids: frozenset[str]) -> None:
        self._base, self._changed, self._ids = base.steps, changed, ids
        self.world = base.world.branch()
        encoder = Encoder(self.world, changed.vocabulary)
        after = {
            step: {
                # What is not changed is said once, for both.
                id_: met(encoder, *part) if id_ in ids else base.terms[step][id_]
                for id_, part in parts.items()
            }
            for step, parts in changed.wanted.items()
        }
        keep_invariants(self.world, encoder, changed.vocabulary)
        self.world.say(any_of(_otherwise(base.terms, after)))
        keep_known(self.world)

    def differing(self, facts: Mapping[str, Value]) -> str | None:
        """A changed rule that makes a step end otherwise in this state; None where none does."""
        for step in Step:
            one, other = (each.refusing(step, facts) for each in (self._base, self._changed))
            if bool(one) != bool(other):
                return min((one | other) & self._ids)
            if step is Step.EVERY_SIZE and one:
                return None
        return None


def _otherwise(
    before: Mapping[Step, Mapping[str, str]], after: Mapping[Step, Mapping[str, str]]
) -> Iterator[str]:
    """A step that ends otherwise; those that turn on the size where nothing else refuses."""
    ends = {step: [all_of(each[step].values()) for each in (before, after)] for step in Step}
    for step, (one, other) in ends.items():
        differ = f"(distinct {one} {other})"
        yield differ if step is Step.EVERY_SIZE else all_of([*ends[Step.EVERY_SIZE], differ])
