"""The motor: one generated Python function for a whole set of rules.

In: checked trees and the vocabulary, once; then facts, many times. Out: `Answers`: a verdict a
rule and the operands of every comparison, for reasons and headroom. Refuses an operation that
has no meaning here (`NotDefinedError`), when it is built; at run time it refuses nothing.

Two functions are generated. `known` is plain Python arithmetic and right only when every fact
is known; where one is missing, or a result does not exist, it gives up and `kleene` answers.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from engine.expr.backends.absence import missing_in
from engine.expr.backends.motor.headroom import Link, headroom_of, headroom_source
from engine.expr.backends.motor.kleene_path import kleene_source, trace_source
from engine.expr.backends.motor.known_path import known_source
from engine.expr.backends.motor.plan import Plan
from engine.expr.backends.motor.source import BUILTINS
from engine.expr.nodes import Compare, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.expr.nodes import CompareOp, Node, Value
    from engine.expr.vocabulary import Vocabulary

    Facts: TypeAlias = Mapping[str, Value]
    Values: TypeAlias = tuple[Value | None, ...]
    Verdicts: TypeAlias = tuple[bool | None, ...]
    Rooms: TypeAlias = tuple[tuple[float | None, ...], ...]


# How the fast path says that it does not apply, besides returning None: a fact is not there,
# has a value of another type, or a division by zero.
_NOT_ALL_KNOWN = (KeyError, TypeError, ArithmeticError)


class Comparison(NamedTuple):
    """One comparison as it came out; a side is None where it is undecided.

    A plain tuple as `Answers` is, since a recorded decision makes one for every comparison.
    """

    left: Value | None
    op: CompareOp
    right: Value | None

    @property
    def headroom(self) -> float | None:
        """How far the left side may still go, negative beyond the limit; None where it has none."""
        return headroom_of(self.left, self.op, self.right)


class Answers(NamedTuple):
    """What a set of rules says about one mapping of facts, which must not change afterwards.

    A plain tuple, since the motor makes one per decision; `missing` and the comparisons are
    worked out when somebody asks.
    """

    verdicts: tuple[bool | None, ...]
    operands: tuple[Value | None, ...]
    motor: Motor
    facts: Facts

    def comparisons(self, rule: int) -> tuple[Comparison, ...]:
        """The comparisons of one rule, in the order of its text."""
        values = self.operands
        return tuple(
            Comparison(values[link.left_at], link.op, values[link.right_at])
            for link in self.motor.links[rule]
        )

    def headroom(self) -> Rooms:
        """The headroom of every comparison of every rule: what a recorded decision holds."""
        return self.motor.headroom(self.operands)

    def missing(self, rule: int) -> tuple[str, ...]:
        """The facts that leave one rule undecided, in order of appearance; empty if decided."""
        if self.verdicts[rule] is not None:
            return ()
        return self.motor.missing(rule, self.facts)


class Motor:
    """A set of rules, compiled. Immutable; `source` is what was generated."""

    def __init__(self, trees: Sequence[Node], vocabulary: Vocabulary) -> None:
        self.trees = tuple(trees)
        self.vocabulary = vocabulary
        self._plan = Plan(self.trees, vocabulary)
        operands, self.links = _links(self.trees)
        known = known_source(self._plan, self.trees, operands)
        kleene = kleene_source(self._plan, self.trees, operands)
        headroom = headroom_source(self.links, len(operands))
        self.source = f"{known}\n\n{kleene}\n\n{headroom}"
        built = _built(self.source, f"<motor of {len(self.trees)} rules>")
        self._known: Callable[[Facts], tuple[Verdicts, Values] | None] = built["known"]
        self._kleene: Callable[[Facts], tuple[Verdicts, Values]] = built["kleene"]
        self._headroom: Callable[[Values], Rooms | None] = built["headroom"]
        self._open_headroom: Callable[[Values], Rooms] = built["open_headroom"]

    def evaluate(self, facts: Facts) -> Answers:
        """Answer every rule over one mapping of facts."""
        try:
            verdicts, operands = self._known(facts) or self._kleene(facts)
        except _NOT_ALL_KNOWN:
            verdicts, operands = self._kleene(facts)
        # Past the generated constructor, which alone would be a tenth of the decision.
        return tuple.__new__(Answers, (verdicts, operands, self, facts))

    def headroom(self, operands: Values) -> Rooms:
        """The headroom of every comparison, a tuple a rule."""
        try:
            return self._headroom(operands) or self._open_headroom(operands)
        except TypeError:  # an operand is undecided
            return self._open_headroom(operands)

    def missing(self, rule: int, facts: Facts) -> tuple[str, ...]:
        """The facts that leave one rule undecided, in order of appearance; empty if decided."""
        run, nodes = self._trace
        values, places = run(facts), self._places

        def value_of(node: Node) -> Value | None:
            place = places.get(id(node))
            return values[nodes.index(node) if place is None else place]

        return missing_in(self.trees[rule], value_of, self.vocabulary)

    def trace(self, facts: Facts) -> dict[Node, Value | None]:
        """The value of every node of every rule, of definitions and of each link of a chain."""
        run, nodes = self._trace
        return dict(zip(nodes, run(facts), strict=True))

    @cached_property
    def _trace(self) -> tuple[Callable[[Facts], Values], tuple[Node, ...]]:
        source, nodes = trace_source(self._plan, self.trees)
        return _built(source, f"<trace of {len(self.trees)} rules>")["trace"], nodes

    @cached_property
    def _places(self) -> dict[int, int]:
        # By identity: a tree's hash is that of everything below it, worked out at every look-up.
        # The trees live as long as this motor, so no other node can take one of these identities.
        _, nodes = self._trace
        first = {node: place for place, node in enumerate(nodes)}
        roots = (*self.trees, *(derived.definition for derived in self._plan.derived))
        return {id(node): first[node] for root in roots for node in walk(root)}


class ValueFunction:
    """One expression of any type, compiled: sizes, convictions, texts."""

    def __init__(self, tree: Node, vocabulary: Vocabulary) -> None:
        plan = Plan((tree,), vocabulary)
        self.source = f"{known_source(plan, (tree,), ())}\n\n{kleene_source(plan, (tree,), ())}"
        built = _built(self.source, "<value>")
        self._known: Callable[[Facts], tuple[Values, Values] | None] = built["known"]
        self._kleene: Callable[[Facts], tuple[Values, Values]] = built["kleene"]

    def __call__(self, facts: Facts) -> Value | None:
        """The value; None where the facts do not decide it."""
        try:
            values, _ = self._known(facts) or self._kleene(facts)
        except _NOT_ALL_KNOWN:
            values, _ = self._kleene(facts)
        return values[0]


def compile_motor(trees: Sequence[Node], vocabulary: Vocabulary) -> Motor:
    """Compile checked rules; raises NotDefinedError for a function without a meaning here."""
    return Motor(trees, vocabulary)


def compile_value(tree: Node, vocabulary: Vocabulary) -> ValueFunction:
    """Compile one checked expression; raises NotDefinedError as `compile_motor` does."""
    return ValueFunction(tree, vocabulary)


def _links(trees: Sequence[Node]) -> tuple[list[Node], tuple[tuple[Link, ...], ...]]:
    """The operands of all comparisons, once each, and for each tree where its own are."""
    places: dict[Node, int] = {}
    links = tuple(
        tuple(
            Link(
                left,
                op,
                right,
                places.setdefault(left, len(places)),
                places.setdefault(right, len(places)),
            )
            for compare in walk(tree)
            if isinstance(compare, Compare)
            for left, op, right in zip(
                compare.operands, compare.ops, compare.operands[1:], strict=False
            )
        )
        for tree in trees
    )
    return [*places], links


def _built(source: str, name: str) -> dict[str, Any]:
    names = dict(BUILTINS)
    exec(compile(source, name, "exec"), names)  # noqa: S102 - our own source, from a checked tree
    return names
