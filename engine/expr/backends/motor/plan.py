"""What a generated function must load, in order, and what its local names are.

In: trees, the vocabulary. Out: `Plan`: base facts in order of first appearance with their
declared types, derived facts so that each comes after those that it needs, and a Python
identifier for every fact. Refuses nothing; an undeclared fact has type None and is never known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expr.backends.values import declared_type
from engine.expr.nodes import Fact, children

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.expr.nodes import Node
    from engine.expr.vocabulary import FactType, Vocabulary


@dataclass(frozen=True, slots=True)
class BaseFact:
    """A fact that is read from the mapping."""

    name: str
    type: FactType | None
    identifier: str


@dataclass(frozen=True, slots=True)
class DerivedFact:
    """A fact that its definition gives."""

    name: str
    type: FactType | None
    identifier: str
    definition: Node


class Plan:
    """The facts behind some trees, in an order in which they can be computed."""

    def __init__(self, trees: Sequence[Node], vocabulary: Vocabulary) -> None:
        self.base: list[BaseFact] = []
        self.derived: list[DerivedFact] = []
        self.by_name: dict[str, BaseFact | DerivedFact] = {}
        for tree in trees:
            self._visit(tree, vocabulary)

    def _visit(self, node: Node, vocabulary: Vocabulary) -> None:
        if isinstance(node, Fact) and node.name not in self.by_name:
            self._add(node.name, vocabulary)
        for child in children(node):
            self._visit(child, vocabulary)

    def _add(self, name: str, vocabulary: Vocabulary) -> None:
        declared = declared_type(vocabulary, name)
        definition = vocabulary.definition_tree(name)
        if definition is None:
            fact = BaseFact(name, declared, _identifier("f", len(self.base), name))
            self.base.append(fact)
            self.by_name[name] = fact
            return
        self._visit(definition, vocabulary)
        derived = DerivedFact(name, declared, _identifier("d", len(self.derived), name), definition)
        self.derived.append(derived)
        self.by_name[name] = derived


def _identifier(kind: str, number: int, name: str) -> str:
    # The number makes it unique, the letters make the generated source readable.
    return f"{kind}{number}_{re.sub('[^a-z0-9]+', '_', name.lower()).strip('_')}"
