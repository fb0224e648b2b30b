"""Limits that refuse a smaller order where they let a larger one pass.

In: a policy set. Out: M744 for each rule, not declared a minimum, that does so in some state, with
both sizes. Such a rule makes whoever wants less ask for more; dust and minimums say what they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.comparison.proving.conditions import ORDER_ROLES, Wanted, enforced
from engine.comparison.proving.lint.limits import unanswered
from engine.comparison.proving.questions import ask, fix_order, keep_invariants, keep_known, met
from engine.comparison.proving.solver import Answer
from engine.errors import Diagnostic, Severity
from engine.expr.backends.interpret import interpret
from engine.expr.backends.smt import Encoder, World, all_of
from engine.expr.facts import SIZE_FACTS
from engine.model.orders import Intent
from engine.policyset.sizing_rules import depends_on_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.expr.nodes import Value
    from engine.kinds.rule import Rule
    from engine.policyset.policyset import PolicySet

_SMALLER = {name: f"smaller {name}" for name in SIZE_FACTS}
_USD, _QUANTITY = "order.notional_usd", "order.quantity"


def check(policy_set: PolicySet) -> Iterator[Diagnostic]:
    """Every limit and guard that asks for the size."""
    for rule in enforced(policy_set, ORDER_ROLES):
        if not rule.minimum and depends_on_size(rule.tree, policy_set.vocabulary):
            intent = next(each for each in Intent if each in rule.intents)
            yield from _Pair(policy_set, rule, intent).findings()


@dataclass(frozen=True, slots=True)
class _Pair:
    """One rule, asked of two orders that differ in nothing but their size."""

    policy_set: PolicySet
    rule: Rule
    intent: Intent

    def findings(self) -> Iterator[Diagnostic]:
        """M744 with both sizes, or nothing, by proof."""
        world = World()
        vocabulary = self.policy_set.vocabulary
        large = Encoder(world, vocabulary)
        small = Encoder(world, vocabulary, _SMALLER)
        world.say(met(large, self.rule.tree, Wanted.TRUE))
        world.say(met(small, self.rule.tree, Wanted.FALSE))
        keep_invariants(world, large, vocabulary)
        fix_order(world, vocabulary, self.intent)
        keep_known(world)
        _keep_price(world)
        specs = [vocabulary.specs[name] for name in SIZE_FACTS]
        both = vocabulary.extended(replace(each, name=_SMALLER[each.name]) for each in specs)
        planned = self.policy_set.deployment.equity_planned_usd[1]
        asked = ask(world, both, planned)
        if asked.answer is Answer.UNSATISFIABLE:
            return
        sizes = (self._sizes(each.facts) for each in asked.states)
        found = next((each for each in sizes if each is not None), None)
        if found is None:
            yield unanswered(self.rule, f"whether `{self.rule.id}` lets a larger order pass")
        else:
            yield self._told(*found)

    def _sizes(self, facts: Mapping[str, Value]) -> tuple[str, str] | None:
        """The two sizes in words, where the interpreter says that only the larger one passes."""
        vocabulary = self.policy_set.vocabulary
        less = {**facts, **{n: facts[own] for n, own in _SMALLER.items() if own in facts}}
        passes = interpret(self.rule.tree, facts, vocabulary) is True
        if not passes or interpret(self.rule.tree, less, vocabulary) is not False:
            return None
        return _size(facts), _size(less)

    def _told(self, larger: str, smaller: str) -> Diagnostic:
        message = f"`{self.rule.id}` refuses an order of {smaller} where it lets {larger} pass"
        mend = "say `minimum: true` if it is a minimum; else turn the comparison round"
        return Diagnostic("M744", message, self.rule.place, mend, severity=Severity.WARNING)


def _keep_price(world: World) -> None:
    """The smaller order is smaller, and at the same price."""
    pairs = [
        (world.facts[small], world.facts[name])
        for name, small in _SMALLER.items()
        if name in world.facts and small in world.facts
    ]
    for small, large in pairs:
        for term in (small, large):
            world.say(all_of([term.defined, f"(> {term.value} 0.0)"]))
        world.say(f"(< {small.value} {large.value})")
    if len(pairs) > 1:
        (one, all_one), (other, all_other) = pairs
        left = f"(* {one.value} {all_other.value})"
        world.say(f"(= {left} (* {other.value} {all_one.value}))")


def _size(facts: Mapping[str, Value]) -> str:
    usd, quantity = facts.get(_USD), facts.get(_QUANTITY)
    return f"{usd:,.2f} USD" if isinstance(usd, float) else f"{quantity} units"
