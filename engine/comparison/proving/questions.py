"""One question to the solver: what holds of every state, and a state that is worth showing.

In: a world with what is asked in it. Out: the answer, and where there is a state the same state on
the grid of sizes and as it was found. Facts lie in their ranges, keep the invariants between them,
and may be missing. Which of the states counts is for the reference interpreter to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from engine.comparison.proving.conditions import Wanted
from engine.comparison.proving.own_facts import STANDING
from engine.comparison.proving.solver import Answer, Session, wished
from engine.comparison.proving.states import state_of, wishes
from engine.model.orders import Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from engine.comparison.proving.solver import Known
    from engine.comparison.proving.states import State
    from engine.expr.backends.smt import Encoder, World
    from engine.expr.nodes import Node
    from engine.expr.vocabulary import Vocabulary
    from engine.model.orders import Intent

_ROUNDS = 8
"""How often counts are moved off fractions; each round moves all of them."""

_WAIVERS = "waiver."
_SYMBOLS = ("order.symbol", "asset.symbol")
_KNOWN = (
    *_SYMBOLS,
    *("order.base", "order.quote_currency", "order.strategy"),
    *(each.name for each in STANDING),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer, and states to be confirmed, the one that is easiest to picture first."""

    answer: Answer
    states: tuple[State, ...] = ()


def ask(world: World, vocabulary: Vocabulary, planned: Decimal) -> Asked:
    """Whether what the world says can be; `planned` is the equity that an example is wished at.

    Of a state in which something is counted, the count is whole. Raises MandateError (M700) where
    no solver is installed.
    """
    names = [part for name in world.facts for part in (name, f"{name} is known")]
    guards = wished(wishes(world, planned))
    session = Session(world.script(assumptions=True), guards)
    for _ in range(_ROUNDS):
        solution = session.ask(names, world.words, wishes=[*guards])
        if solution.answer is not Answer.SATISFIABLE:
            return Asked(solution.answer)
        cuts = [*_cuts(world, vocabulary, solution.values)]
        if not cuts:
            found = state_of(world, vocabulary, solution.values)
            return Asked(solution.answer, (*found.on_grid(), found))
        session.say(cuts)
    return Asked(Answer.UNKNOWN)


def _cuts(world: World, vocabulary: Vocabulary, values: Mapping[str, Known]) -> Iterator[str]:
    """What keeps each count off the fraction that it has: nobody can picture 3.5 orders.

    Without it, `orders < 4` would be looser than `orders <= 3`.
    """
    for name in world.facts:
        spec, value = vocabulary.spec(name), values.get(name)
        if spec is None or not spec.whole or not isinstance(value, Fraction):
            continue
        if value.denominator > 1:
            yield world.whole(name, value)


def keep_invariants(world: World, encoder: Encoder, vocabulary: Vocabulary) -> None:
    """No state breaks one: a fact that did would be unknown in a snapshot.

    Only those that bear on what is asked: others can hold whatever it is.
    """
    waiting = [(tree, vocabulary.base_facts(tree)) for tree in vocabulary.invariant_trees]
    while bearing := [each for each in waiting if not each[1].isdisjoint(world.facts)]:
        waiting = [each for each in waiting if each not in bearing]
        for tree, _ in bearing:
            world.say(f"(not {encoder.fails(tree)})")


def keep_known(world: World) -> None:
    """Product, strategy and standing are never in doubt, nor whether a waiver is in force."""
    for name, term in world.facts.items():
        if name in _KNOWN or name.startswith(_WAIVERS):
            world.say(term.defined)
    symbols = [world.facts[name].value for name in _SYMBOLS if name in world.facts]
    if len(symbols) > 1:
        world.say(f"(= {' '.join(symbols)})")


def fix_order(world: World, vocabulary: Vocabulary, intent: Intent) -> None:
    """An order's own intent and side are never in doubt."""
    side = Side.BUY if intent.adds_risk else Side.SELL
    for name, value in (("order.intent", intent.value), ("order.side", side.value)):
        spec = vocabulary.spec(name)
        if spec is not None:
            world.fact(name, spec)
            world.given(name, value)


def met(encoder: Encoder, tree: Node, wanted: Wanted) -> str:
    """The condition that an answer is as wanted."""
    match wanted:
        case Wanted.TRUE:
            return encoder.holds(tree)
        case Wanted.FALSE:
            return encoder.fails(tree)
        case Wanted.NOT_FALSE:
            return f"(not {encoder.fails(tree)})"
        case Wanted.NOT_TRUE:
            return f"(not {encoder.holds(tree)})"
        case Wanted.DECIDED:
            return encoder.term(tree).defined
