"""Does a rule that protects still do so wherever it did? Alerts, breakers, exits, sizes.

In: two sets. Out: a `Leaning` for each rule or number that is another: weaker, with a state in
which an alert fired, a breaker tripped or an exit sold and now does not, or in which more is
bought; stronger; the same, by proof; or unknown. A state counts once the reference interpreter
says the same of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.comparison.effects import Effect
from engine.comparison.proving.changes import Changes
from engine.comparison.proving.questions import ask, keep_invariants, keep_known
from engine.comparison.proving.solver import Answer
from engine.expr.backends.interpret import interpret
from engine.expr.backends.smt import Encoder, World, all_of, any_of
from engine.kinds.rule import RuleRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.comparison.proving.own_facts import Reading
    from engine.comparison.proving.states import State
    from engine.expr.backends.smt import Term
    from engine.expr.nodes import Node, Value

_WATCHING = frozenset({RuleRole.ALERT, RuleRole.TRIP, RuleRole.EXIT_WHEN})
_EXIT = "#exit_when"
_SIZES = ("#size_pct", "#add_size_pct")


@dataclass(frozen=True, slots=True)
class Leaning:
    """What one rule or number does; `tree` is the base's, `state` shows where it is weaker."""

    id: str
    effect: Effect
    tree: Node
    state: State | None = None

    @property
    def is_size(self) -> bool:
        """Whether it says how much is bought, and is weaker where that is more."""
        return self.id.endswith(_SIZES)


def leanings(base: Reading, head: Reading) -> tuple[Leaning, ...]:
    """Every rule and number that protects and is another; raises MandateError (M700)."""
    changes = Changes(base, head)
    return tuple(_Pair(base, head, *pair).leaning() for pair in _pairs(changes))


def _pairs(changes: Changes) -> Iterator[tuple[str, Node, Node]]:
    for id_ in changes.rules(_WATCHING):
        # An alert or a breaker that is gone is a document that is gone, and said as such.
        if None not in changes.rule(id_) or id_.endswith(_EXIT):
            yield (id_, *changes.counting(id_))
    for name in changes.numbers():
        before, after = changes.number(name)
        # Additions as a whole come and go by the direction of their fields.
        if name.endswith(_SIZES) and before is not None and after is not None:
            yield name, before, after


@dataclass(frozen=True, slots=True)
class _Pair:
    """One rule or number as both sets have it."""

    base: Reading
    head: Reading
    id: str
    before: Node
    after: Node

    def leaning(self) -> Leaning:
        """Weaker as soon as one state is; stronger where no state is, and another one is."""
        answer, state = self._lost()
        if state is not None:
            return Leaning(self.id, Effect.WEAKER, self.before, state)
        if answer is not Answer.UNSATISFIABLE:
            return Leaning(self.id, Effect.UNKNOWN, self.before)
        other = _Pair(self.head, self.base, self.id, self.after, self.before)
        same = other._lost()[0] is Answer.UNSATISFIABLE
        return Leaning(self.id, Effect.SAME if same else Effect.STRONGER, self.before)

    def _lost(self) -> tuple[Answer, State | None]:
        """Whether protection is lost somewhere, and a state that shows it."""
        world = World()
        before, after = (
            self._term(world, self.base, self.before),
            self._term(world, self.head, self.after),
        )
        world.say(self._less(before, after))
        keep_known(world)
        planned = self.head.policy_set.deployment.equity_planned_usd[1]
        asked = ask(world, self.head.vocabulary, planned)
        confirmed = (state for state in asked.states if self._is_lost(state))
        return asked.answer, next(confirmed, None)

    def _term(self, world: World, reading: Reading, tree: Node) -> Term:
        encoder = Encoder(world, reading.vocabulary)
        keep_invariants(world, encoder, reading.vocabulary)
        return encoder.term(tree)

    def _less(self, before: Term, after: Term) -> str:
        if self.id.endswith(_SIZES):
            more = any_of([f"(not {before.defined})", f"(> {after.value} {before.value})"])
            return all_of([after.defined, more])
        held, holds = (all_of([each.defined, each.value]) for each in (before, after))
        return all_of([held, f"(not {holds})"])

    def _is_lost(self, state: State) -> bool:
        before = interpret(self.before, state.facts, self.base.vocabulary)
        after = interpret(self.after, state.facts, self.head.vocabulary)
        if self.id.endswith(_SIZES):
            return _is_more(after, before)
        return before is True and after is not True


def _is_more(value: Value | None, than: Value | None) -> bool:
    return isinstance(value, float) and (not isinstance(than, float) or value > than)
