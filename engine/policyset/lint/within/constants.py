"""Rules whose answer is settled by the certain ranges of their facts.

In: a policy set. Out: M314 for a rule, or a part that logic joins, that is always true or never.
What compares a fact with a number beyond its range is M225 already; here ranges go through
arithmetic, parameters and the cases of tables, and invariants of the vocabulary count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.checking.ranges import Ranges
from engine.expr.nodes import And, Call, Flag, Not, Or
from engine.expr.printing import print_tree
from engine.kinds.rule import RuleRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.expr.nodes import Node
    from engine.kinds.rule import Rule
    from engine.policyset.lint.measures import Measures

_MEANS = {
    (RuleRole.LIMIT, True): "it limits nothing",
    (RuleRole.LIMIT, False): "it denies every order",
    (RuleRole.GUARD, True): "it guards nothing",
    (RuleRole.GUARD, False): "it denies every order",
    (RuleRole.TRIP, True): "it trips at once and stays so",
    (RuleRole.TRIP, False): "it never trips",
    (RuleRole.ALERT, True): "it fires for ever",
    (RuleRole.ALERT, False): "it never fires",
    (RuleRole.TIER_ENTER, False): "no product is ever in it",
    (RuleRole.ENTRY, False): "it never enters",
    (RuleRole.EXIT_WHEN, True): "it leaves at once",
}


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Rules that do not depend on what happens."""
    ranges = Ranges(measures.vocabulary)
    told: set[tuple[str, str]] = set()
    for rule in measures.policy_set.rules:
        for part in _settled(rule.tree, ranges):
            text = print_tree(part)
            # A tier's `stay` may be its `require` once more, at the same place.
            if (str(rule.place), text) not in told:
                told.add((str(rule.place), text))
                yield _constant(rule, part, text, answer=ranges.answer(part) is True)


def _settled(tree: Node, ranges: Ranges) -> Iterator[Node]:
    """The largest parts that are asked for their own sake and have one answer."""
    if isinstance(tree, Flag):
        return
    if ranges.answer(tree) is not None:
        yield tree
        return
    match tree:
        case And() | Or():
            parts = tree.operands
        case Not():
            parts = (tree.operand,)
        case Call(function="at_least"):
            parts = tree.arguments[1:]
        case _:
            parts = ()
    for part in parts:
        yield from _settled(part, ranges)


def _constant(rule: Rule, part: Node, text: str, *, answer: bool) -> Diagnostic:
    whole = part is rule.tree
    word = "always true" if answer else "never true"
    means = _MEANS.get((rule.role, answer), "") if whole else ""
    subject = f"`{rule.id}`" if whole else f"`{text}` in `{rule.id}`"
    message = f"{subject} is {word} with these numbers{f': {means}' if means else ''}"
    mend = "compare the numbers with the range of the facts: `policy facts` lists it"
    return Diagnostic("M314", message, rule.place, mend)
