"""The rules of one document in words, its numbers in them.

In: a set and a document of it. Out: a sentence a rule, in the order of their ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expr.backends.explain import explain
from engine.expr.nodes import Fact, Number
from engine.expr.rewriting import map_facts
from engine.kinds.rule import OnBreach, RuleRole, Stage
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.expr.nodes import Node
    from engine.kinds.base import Document
    from engine.kinds.rule import Rule
    from engine.policyset.policyset import PolicySet

_BEFORE = {
    RuleRole.TRIP: "trips when",
    RuleRole.ALERT: "tells when",
    RuleRole.TIER_ENTER: "lets in when",
    RuleRole.TIER_STAY: "lets stay while",
    RuleRole.REGIME: "holds when",
    RuleRole.SIGNAL: "is there when",
    RuleRole.ENTRY: "enters when",
    RuleRole.EXIT_WHEN: "sells when",
}


def in_words(policy_set: PolicySet, document: Document) -> Iterator[tuple[str, str]]:
    """The part that a rule is, empty for a document of one rule, and its sentence."""
    for rule in policy_set.rules:
        if rule.document == document.id:
            words = explain(_numbered(rule.tree, policy_set), policy_set.vocabulary)
            yield rule.id.partition("#")[2], f"{_before(rule)} {words}"


def _before(rule: Rule) -> str:
    if rule.role in _BEFORE:
        return _BEFORE[rule.role]
    intents = ", ".join(each.value for each in Intent if each in rule.intents)
    done = "made smaller until" if rule.on_breach is OnBreach.RESIZE else "denied unless"
    # What is not enforced is recorded, and changes no order.
    would = "" if rule.stage is Stage.ENFORCE else "would be "
    return f"{intents}: {would}{done}"


def _numbered(tree: Node, policy_set: PolicySet) -> Node:
    """The tree with each parameter that is one number in its place."""

    def become(fact: Fact) -> Node:
        definition = policy_set.vocabulary.definition_tree(fact.name)
        own = fact.name.startswith("policy.")
        return definition if own and isinstance(definition, Number) else fact

    return map_facts(tree, become)
