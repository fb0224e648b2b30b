"""Why an expression is undecided: the facts to blame, for every backend the same walk.

In: a tree, what a backend makes of each of its nodes, the vocabulary. Out: names of base facts
that are missing; where nothing is missing but a result does not exist (a division by zero, an
overflow), the derived fact whose definition it is, or the facts of that operation. Descends
only into what is undecided, so a missing fact that does not matter is not named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expr.nodes import Arithmetic, Call, Conditional, Fact, children

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.expr.nodes import Node, Value
    from engine.expr.vocabulary import Vocabulary

    ValueOf = Callable[[Node], Value | None]


def missing_in(tree: Node, value_of: ValueOf, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The facts that leave `tree` undecided, each once, in order of appearance."""
    return tuple(dict.fromkeys(_Walk(value_of, vocabulary).blamed(tree)))


@dataclass(frozen=True, slots=True)
class _Walk:
    value_of: ValueOf
    vocabulary: Vocabulary

    def blamed(self, node: Node, owner: str | None = None) -> Iterator[str]:
        """The facts to blame for one undecided node; `owner` is the definition it stands in."""
        if self.value_of(node) is not None:
            return
        match node:
            case Fact(name):
                definition = self.vocabulary.definition_tree(name)
                yield from self.blamed(definition, name) if definition else (name,)
            case Conditional(test, then, otherwise):
                decided = self.value_of(test)
                taken = test if decided is None else then if decided else otherwise
                yield from self.blamed(taken, owner)
            case _:
                yield from self._blamed_parts(node, owner)

    def _blamed_parts(self, node: Node, owner: str | None) -> Iterator[str]:
        undecided = [part for part in children(node) if self.value_of(part) is None]
        for part in undecided:
            yield from self.blamed(part, owner)
        if not undecided:
            yield from (owner,) if owner else _facts_in(_culprit(node))


def _culprit(node: Node) -> Node:
    """What made an operation on known values impossible: what it divides by, else all of it."""
    match node:
        case Arithmetic("/", _, right):
            return right
        case Call("share_pct", (_, whole)):
            return whole
        case _:
            return node


def _facts_in(node: Node) -> Iterator[str]:
    if isinstance(node, Fact):
        yield node.name
    for part in children(node):
        yield from _facts_in(part)
