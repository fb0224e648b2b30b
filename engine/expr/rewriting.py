"""Rewriting trees: the same shape with other facts in it.

In: a tree and what each fact becomes. Out: a new tree; spans stay, so findings keep their place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.expr.nodes import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Fact,
    Flag,
    Membership,
    Negate,
    Not,
    Number,
    Or,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.expr.nodes import Node


def map_facts(tree: Node, become: Callable[[Fact], Node]) -> Node:  # noqa: PLR0911 - one arm a kind of node
    """The tree with `become(fact)` in the place of each fact."""

    def again(node: Node) -> Node:
        return map_facts(node, become)

    match tree:
        case Fact():
            return become(tree)
        case Number() | Text() | Flag():
            return tree
        case Not() | Negate():
            return replace(tree, operand=again(tree.operand))
        case And() | Or() | Compare():
            return replace(tree, operands=tuple(again(each) for each in tree.operands))
        case Arithmetic():
            return replace(tree, left=again(tree.left), right=again(tree.right))
        case Membership():
            choices = tuple(again(each) for each in tree.choices)
            return replace(tree, item=again(tree.item), choices=choices)
        case Conditional():
            return replace(
                tree,
                test=again(tree.test),
                then=again(tree.then),
                otherwise=again(tree.otherwise),
            )
        case Call():
            return replace(tree, arguments=tuple(again(each) for each in tree.arguments))
