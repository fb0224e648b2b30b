"""Headroom: how far a comparison is from changing its answer, in the unit of its sides.

In: the two values of a comparison, or the places of all comparisons of a rule set. Out: a number
that is negative beyond the limit, or None for `==`, `!=` and sides that are undecided; and the
source of one function that works out all of them. Refuses nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expr.backends.motor.source import finite_or_give_up, function_of, tuple_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.expr.nodes import CompareOp, Node, Value


@dataclass(frozen=True, slots=True)
class Link:
    """One comparison of a rule: its sides, and where their values stand in the operands."""

    left: Node
    op: CompareOp
    right: Node
    left_at: int
    right_at: int


def headroom_of(left: Value | None, op: CompareOp, right: Value | None) -> float | None:
    """How far the left side may still go; None where it has no headroom."""
    if not isinstance(left, float) or not isinstance(right, float):
        return None
    match op:
        case "<" | "<=":
            room = right - left
        case ">" | ">=":
            room = left - right
        case "==" | "!=":
            return None
    return room if math.isfinite(room) else None


def headroom_source(rules: Sequence[Sequence[Link]], operands: int) -> str:
    """The source of `headroom(operands)` and `open_headroom(operands)`: a tuple a rule.

    The first is for known operands: it gives up with None or TypeError where one is undecided or
    a difference overflows. The second gives None for just that comparison.
    """
    names = {id(link): f"h{number}" for number, link in enumerate(_ordered(rules))}
    unpack = [f"{tuple_of([f'o{place}' for place in range(operands)])} = values"] * bool(operands)
    rows = tuple_of([tuple_of([names.get(id(link), "None") for link in links]) for links in rules])
    known = [f"{names[id(link)]} = {_difference(link)}" for link in _ordered(rules)]
    guard = finite_or_give_up([*names.values()])
    tolerant = [line for link in _ordered(rules) for line in _tolerant(link, names[id(link)])]
    plain = function_of("headroom", [*unpack, *known, *guard, f"return {rows}"], "values")
    careful = function_of("open_headroom", [*unpack, *tolerant, f"return {rows}"], "values")
    return f"{plain}\n\n{careful}"


def _ordered(rules: Sequence[Sequence[Link]]) -> list[Link]:
    return [link for links in rules for link in links if link.op not in {"==", "!="}]


def _difference(link: Link) -> str:
    upward = link.op in {"<", "<="}
    more, less = (link.right_at, link.left_at) if upward else (link.left_at, link.right_at)
    return f"o{more} - o{less}"


def _tolerant(link: Link, name: str) -> tuple[str, str]:
    absent = f"o{link.left_at} is None or o{link.right_at} is None"
    return (
        f"{name} = None if {absent} else {_difference(link)}",
        f"if {name} is not None and not isfinite({name}): {name} = None",
    )
