"""Invariants between facts: which of them what is told breaks, and which facts that leaves.

In: the vocabulary. Out: `Invariants` for each reach: those among facts of the account alone, which
are asked once a cycle, those that a product's facts take part in, and those of one order. A broken
one does not say which of its facts is wrong, so nobody believes any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from engine.expr.backends.closure import compile_motor
from engine.expr.printing import print_tree
from engine.expr.vocabulary import FactScope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.expr.nodes import Node, Value
    from engine.expr.vocabulary import Vocabulary


class Reach(Enum):
    """What must be at hand before an invariant can be asked."""

    ACCOUNT = "account"
    PRODUCT = "product"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Invariant:
    """One invariant: its text, and the base facts that it binds."""

    text: str
    facts: frozenset[str]


class Invariants:
    """The invariants of one reach, and the motor that asks them."""

    def __init__(self, trees: Sequence[Node], vocabulary: Vocabulary) -> None:
        self.trees = tuple(trees)
        self.each = tuple(Invariant(print_tree(e), vocabulary.base_facts(e)) for e in trees)
        self._motor = compile_motor(trees, vocabulary)

    def broken(self, facts: Mapping[str, Value]) -> list[Invariant]:
        """Those that these facts break; what nobody can decide breaks nothing."""
        verdicts = self._motor.evaluate(facts).verdicts
        if False not in verdicts:
            return []
        return [e for e, verdict in zip(self.each, verdicts, strict=True) if verdict is False]


def invariants_of(vocabulary: Vocabulary) -> dict[Reach, Invariants]:
    """Every invariant of the vocabulary, by its reach."""
    found: dict[Reach, list[Node]] = {reach: [] for reach in Reach}
    for tree in vocabulary.invariant_trees:
        found[_reach(tree, vocabulary)].append(tree)
    return {reach: Invariants(trees, vocabulary) for reach, trees in found.items()}


def _reach(tree: Node, vocabulary: Vocabulary) -> Reach:
    specs = [vocabulary.spec(name) for name in vocabulary.base_facts(tree)]
    scopes = {spec.scope for spec in specs if spec is not None}
    if scopes <= {FactScope.ACCOUNT, FactScope.VENUE}:
        return Reach.ACCOUNT
    known = {FactScope.ACCOUNT, FactScope.VENUE, FactScope.SYMBOL}
    return Reach.PRODUCT if scopes <= known else Reach.ORDER
