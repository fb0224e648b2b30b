"""The limits and guards of one set, encoded once for an intent and asked many times.

In: a policy set and an intent. Out: `Limits`: a question takes some rules as kept, one as broken,
and whatever else is given; what cannot be is told with the rules that make it so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.comparison.proving.conditions import ORDER_ROLES, Wanted, enforced
from engine.comparison.proving.questions import fix_order, keep_invariants, keep_known, met
from engine.comparison.proving.solver import Session
from engine.comparison.proving.states import state_of, wishes
from engine.errors import Diagnostic, Severity
from engine.expr.backends.interpret import interpret
from engine.expr.backends.smt import Encoder, World, all_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from engine.comparison.proving.solver import Solution
    from engine.comparison.proving.states import State
    from engine.expr.nodes import Value
    from engine.kinds.rule import Rule
    from engine.model.orders import Intent
    from engine.policyset.policyset import PolicySet

KNOWN = "known"
"""Given: every fact is known."""
_SIZE = "order.notional_usd"
_OVER = ("regime.name", "asset.tier")
SOME = "some size"
"""Given: the order is of some size."""


class Limits:
    """What an order of an intent has to meet, apart from breakers and the universe."""

    def __init__(self, policy_set: PolicySet, intent: Intent) -> None:
        self.intent = intent
        self.rules = tuple(r for r in enforced(policy_set, ORDER_ROLES) if intent in r.intents)
        self.wanted = Wanted.TRUE if intent.adds_risk else Wanted.NOT_FALSE
        self._vocabulary = policy_set.vocabulary
        self._planned = policy_set.deployment.equity_planned_usd[1]
        self._world = World()
        encoder = Encoder(self._world, self._vocabulary)
        kept = {rule.id: met(encoder, rule.tree, self.wanted) for rule in self.rules}
        keep_invariants(self._world, encoder, self._vocabulary)
        fix_order(self._world, self._vocabulary, intent)
        keep_known(self._world)
        spec = self._vocabulary.spec(_SIZE)
        if spec is not None:
            self._world.fact(_SIZE, spec)
        guards = {keeps(id_): text for id_, text in kept.items()}
        guards |= {breaks(id_): f"(not {text})" for id_, text in kept.items()}
        guards[KNOWN] = all_of([term.defined for term in self._world.facts.values()])
        guards[SOME] = f"(> {self._world.facts[_SIZE].value} 0.0)"
        self.cases = dict(self._cases())
        guards |= {name: self._world.is_value(*case) for name, case in self.cases.items()}
        self._wishes = dict(enumerate(wishes(self._world, self._planned)))
        guards |= {f"wish {place}": wish for place, wish in self._wishes.items()}
        self._session = Session(self._world.script(assumptions=True), guards)

    def _cases(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """The values of what tables are over, where a rule asks for it, by words for each."""
        for name in _OVER:
            spec = self._vocabulary.spec(name)
            for value in spec.values if spec is not None and name in self._world.facts else ():
                yield f"{name} is {value}", (name, value)

    def ask(self, given: Sequence[str], *, shown: bool) -> Solution:
        """Whether what is given can be; `shown` wishes for a state that is worth showing."""
        names = [part for name in self._world.facts for part in (name, f"{name} is known")]
        wished = [f"wish {place}" for place in self._wishes] if shown else []
        return self._session.ask(names, self._world.words, given=given, wishes=wished)

    def states(self, solution: Solution) -> tuple[State, ...]:
        """What was found, on the grid of sizes and as it is."""
        found = state_of(self._world, self._vocabulary, solution.values)
        return (*found.on_grid(), found)

    def passes(self, rule: Rule, facts: Mapping[str, Value]) -> bool:
        """Whether a rule lets the order pass, by the reference interpreter."""
        return self.wanted.met(interpret(rule.tree, facts, self._vocabulary))


def keeps(rule: str) -> str:
    """Given: the rule lets the order pass."""
    return f"keeps {rule}"


def breaks(rule: str) -> str:
    """Given: it does not."""
    return f"breaks {rule}"


def kept_of(core: Iterable[str]) -> list[str]:
    """The rules among what clashes."""
    return sorted(each.removeprefix("keeps ") for each in core if each.startswith("keeps "))


def unanswered(rule: Rule, what: str) -> Diagnostic:
    """M748: the solver gave up."""
    mend = "write the rule with fewer products and quotients of facts, or as two rules"
    message = f"{what} could not be answered within the solver's steps"
    return Diagnostic("M748", message, rule.place, mend, severity=Severity.WARNING)
