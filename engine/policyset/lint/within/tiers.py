"""Tiers that an earlier tier leaves nothing to.

In: a policy set. Out: M317 for a tier of which every product already fits a tier before it: a
product belongs to the first tier that takes it, so the later one stays empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.nodes import And
from engine.kinds.rule import RuleRole
from engine.policyset.lint.bounds import never_binds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.expr.nodes import Node
    from engine.kinds.rule import Rule
    from engine.policyset.lint.measures import Measures


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Each tier against those before it, in the document's order."""
    order = [tier.name for tier in measures.policy_set.universe.tiers]
    rules = {_tier(rule): rule for rule in measures.policy_set.of_role(RuleRole.TIER_ENTER)}
    for index, name in enumerate(order):
        taken = (each for each in order[:index] if _takes_all(rules[each], rules[name], measures))
        first = next(taken, None)
        if first is not None:
            message = f"whatever fits tier `{name}` fits tier `{first}` first, so `{name}` is empty"
            related = ((rules[first].place, "the tier that takes it"),)
            mend = "put the stricter tier first, or let the later one ask for less"
            yield Diagnostic("M317", message, rules[name].place, mend, related)


def _tier(rule: Rule) -> str:
    return rule.id.partition("#")[2].removesuffix("_enter")


def _takes_all(early: Rule, late: Rule, measures: Measures) -> bool:
    """Whether each thing that the early tier asks is asked, as strictly, by the late one."""
    return all(_implied(part, early, late, measures) for part in _parts(early.tree))


def _parts(tree: Node) -> tuple[Node, ...]:
    return tree.operands if isinstance(tree, And) else (tree,)


def _implied(part: Node, early: Rule, late: Rule, measures: Measures) -> bool:
    text = measures.spelled(part)
    if any(measures.spelled(each) == text for each in _parts(late.tree)):
        return True
    asked = measures.bounds_in(early, part)
    others = measures.bounds([late])
    return bool(asked) and all(
        any(each.measure == one.measure and never_binds(one, each) for each in others)
        for one in asked
    )
