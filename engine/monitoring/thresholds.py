"""The numbers at which a set does something, of facts that a run shows as a metric.

In: a policy set. Out: `Threshold`s: which rule, which metric, at which value. A rule that compares
anything else, or a number that no document states, has none: the headroom of every rule is shown
apart. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.cycle.watching.measuring import FACTS
from engine.expr.nodes import Compare, Conditional, Fact, Negate, Number, walk
from engine.kinds.rule import RuleRole, Stage
from engine.monitoring.names import AT_RISK, EXPOSURE
from engine.observe.exposition import prometheus_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.expr.nodes import Node
    from engine.expr.vocabulary import Vocabulary
    from engine.policyset.policyset import PolicySet

_SHARE = 0.01
_MEASURED = {name: (prometheus_name(gauge), factor) for name, gauge, factor in FACTS} | {
    # What they are about is measured as it stands, and limited as it would be with the order.
    "portfolio.exposure_pct": (EXPOSURE, _SHARE),
    "portfolio.at_risk_pct_after": (AT_RISK, _SHARE),
}
_ROLES = frozenset({RuleRole.LIMIT, RuleRole.TRIP})


@dataclass(frozen=True, slots=True)
class Threshold:
    """`rule` acts when `metric` reaches `value`, in the metric's own unit."""

    rule: str
    metric: str
    value: float


def thresholds(policy_set: PolicySet) -> tuple[Threshold, ...]:
    """Of every enforced limit and breaker, by rule; a table over an enum gives all its numbers."""
    found = {
        Threshold(rule.id, metric, value)
        for rule in policy_set.rules
        if rule.role in _ROLES and rule.stage is Stage.ENFORCE
        for metric, value in _of_tree(rule.tree, policy_set.vocabulary)
    }
    return tuple(sorted(found, key=lambda each: (each.rule, each.metric, each.value)))


def _of_tree(tree: Node, vocabulary: Vocabulary) -> Iterator[tuple[str, float]]:
    for node in walk(tree):
        if isinstance(node, Compare):
            for left, right in zip(node.operands, node.operands[1:], strict=False):
                yield from _of_pair(left, right, vocabulary)
                yield from _of_pair(right, left, vocabulary)


def _of_pair(measured: Node, limit: Node, vocabulary: Vocabulary) -> Iterator[tuple[str, float]]:
    """One side of a comparison is a metric, and the other a number, or a name for some."""
    if not isinstance(measured, Fact) or measured.name not in _MEASURED:
        return
    metric, factor = _MEASURED[measured.name]
    for number in _numbers(limit, vocabulary):
        yield metric, number * factor


def _numbers(node: Node, vocabulary: Vocabulary) -> Iterator[float]:
    """What a limit states: a number, or one a row of its table; nothing where it is worked out."""
    match node:
        case Number(value=value):
            yield float(value)
        case Negate(operand=Number(value=value)):
            yield -float(value)
        case Fact(name=name) if (definition := vocabulary.definition_tree(name)) is not None:
            yield from _numbers(definition, vocabulary)
        case Conditional(then=then, otherwise=otherwise):
            yield from _numbers(then, vocabulary)
            yield from _numbers(otherwise, vocabulary)
        case _:
            pass
