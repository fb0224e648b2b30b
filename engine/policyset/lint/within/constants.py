"""Rules whose answer is settled by the certain ranges of their facts.

In: a policy set. Out: M314 for a rule, or a part that logic joins, that is always true or never,
M374 for a breaker that trips, or a limit that denies, before anything has happened. What compares
a fact with a number beyond its range is M225 already; here ranges go through arithmetic,
parameters and the cases of tables, and invariants of the vocabulary count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.checking.ranges import Range, Ranges
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


_FIRST_ORDER = {"order.continues": False, "order.opens_position": True}
_STOPS = {RuleRole.TRIP: True, RuleRole.LIMIT: False, RuleRole.GUARD: False}
"""The answer by which each role stops something."""


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

    yield from _from_the_start(measures, ranges)


def _from_the_start(measures: Measures, ranges: Ranges) -> Iterator[Diagnostic]:
    """Rules that stop everything on an account to which nothing has happened yet."""
    firsts = _first_values(measures)
    known = {name: Range(value, value) for name, value in firsts.items()}
    quiet = Ranges(measures.vocabulary, known, _FIRST_ORDER)
    for rule in measures.policy_set.rules:
        stops = _STOPS.get(rule.role)
        if (
            stops is None
            or quiet.answer(rule.tree) is not stops
            or ranges.answer(rule.tree) is stops
        ):
            continue
        words = "trips" if stops else "denies the first order"
        message = f"`{rule.id}` {words} before anything has happened"
        mend = "is a sign missing, or the comparison the wrong way round?"
        yield Diagnostic("M374", message, rule.place, mend)


def _first_values(measures: Measures) -> dict[str, float]:
    """What facts are worth that count what has not happened yet."""
    specs = (measures.vocabulary.spec(name) for name in measures.vocabulary)
    return {
        spec.name: float(spec.first_value)
        for spec in specs
        if spec is not None and isinstance(spec.first_value, float)
    }


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
