"""Names in texts that stand for nothing, and groups that do not meet.

In: a policy set. Out: M315 for a text that is compared with the name of a group, strategy or
product and is none, M316 for a group that holds nothing, whose assets are all excluded, that has
the same members as another, or that a table of limits leaves to `others`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Fix, Severity
from engine.expr.checking.suggest import nearest, sure
from engine.expr.nodes import Compare, Fact, Membership, Text, walk
from engine.kinds.base import Table
from engine.kinds.parameters import GROUP_FACT, OTHERS
from engine.kinds.registry import KINDS
from engine.policyset.lint.documents import documents_of, only

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from engine.errors import Place
    from engine.expr.nodes import Node
    from engine.kinds.base import Document
    from engine.kinds.rule import Rule
    from engine.policyset.lint.measures import Measures
    from engine.policyset.policyset import PolicySet

_STRATEGY_FACTS = ("order.strategy", "strategy.name", "position.strategy")
_PRODUCT_FACTS = ("asset.symbol", "order.symbol")
_PRODUCT = re.compile(r"[A-Z0-9]{1,20}-[A-Z0-9]{2,20}")


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Texts in rules, then the groups of the universe."""
    policy_set = measures.policy_set
    known = _known(policy_set)
    for rule in policy_set.rules:
        for fact, text in _compared(rule.tree):
            if fact in known and text not in known[fact]:
                yield _nothing(rule, fact, text, known[fact])
            elif fact in _PRODUCT_FACTS and not _product(text, policy_set):
                yield _no_product(rule, text)
    yield from _groups(policy_set)


def _known(policy_set: PolicySet) -> Mapping[str, Collection[str]]:
    groups = tuple(sorted(policy_set.universe.groups))
    strategies = tuple(each.name for each in documents_of(policy_set, "Strategy"))
    return {
        GROUP_FACT: (*groups, OTHERS),
        "asset.groups": (*groups, OTHERS),
        **dict.fromkeys(_STRATEGY_FACTS, strategies),
        "order.quote_currency": policy_set.universe.quote_currencies,
    }


def _compared(tree: Node) -> Iterator[tuple[str, str]]:
    """Every fact with a text that it is compared with."""
    for node in walk(tree):
        match node:
            case Compare():
                facts = [each.name for each in node.operands if isinstance(each, Fact)]
                texts = [each.value for each in node.operands if isinstance(each, Text)]
            case Membership(item=Text(value=text), choices=(Fact(name=name),)):
                facts, texts = [name], [text]
            case Membership(item=Fact(name=name)):
                facts, texts = [name], [c.value for c in node.choices if isinstance(c, Text)]
            case _:
                continue
        yield from ((fact, text) for fact in facts for text in texts)


def _nothing(rule: Rule, fact: str, text: str, known: Collection[str]) -> Diagnostic:
    near = nearest(text, known)
    guess = f"did you mean `{near}`? " if near else ""
    message = f"`{rule.id}` compares `{fact}` with `{text}`, and nothing has that name"
    listed = ", ".join(sorted(known)[:5]) or "none"
    return _in_text(rule, text, sure(text, known), message, f"{guess}there are: {listed}")


def _in_text(rule: Rule, text: str, meant: str | None, message: str, mend: str) -> Diagnostic:
    """At the text where the rule's first line has it once, else at the whole rule."""
    from dataclasses import replace  # noqa: PLC0415 - only for a finding

    line = rule.place.source_line
    spots = [f"{quote}{text}{quote}" for quote in "\"'" if line.count(f"{quote}{text}{quote}") == 1]
    if not spots:
        return Diagnostic("M315", message, rule.place, mend)
    place: Place = replace(rule.place, column=line.index(spots[0]) + 1, width=len(spots[0]))
    fix = Fix(place, spots[0].replace(text, meant), safe=True) if meant else None
    return Diagnostic("M315", message, place, mend, fix=fix)


def _product(text: str, policy_set: PolicySet) -> bool:
    quote = text.partition("-")[2]
    if not _PRODUCT.fullmatch(text) or quote not in policy_set.universe.quote_currencies:
        return False
    paper = policy_set.deployment.paper
    if paper is None or paper.any_product is not None or policy_set.deployment.mode == "live":
        return True
    return text in {each.symbol for each in paper.products}


def _no_product(rule: Rule, text: str) -> Diagnostic:
    message = f"`{rule.id}` names the product `{text}`, which this set cannot trade"
    mend = "write it as BASE-QUOTE, in a currency of the universe, of a product that is listed"
    return _in_text(rule, text, None, message, mend)


def _groups(policy_set: PolicySet) -> Iterator[Diagnostic]:
    places = only(policy_set, "UniverseFilter").places
    excluded = {each.symbol for each in policy_set.universe.exclude if each.until is None}
    seen: dict[frozenset[str], str] = {}
    for name, assets in policy_set.universe.groups.items():
        place = places.of_key(("spec", "groups", name))
        first = seen.setdefault(frozenset(assets), name)
        if not assets:
            yield _group(place, f"the group `{name}` has no assets", "name some, or delete it")
        elif first != name:
            message = f"the groups `{first}` and `{name}` have the same assets"
            yield _group(place, message, "keep one of the two: a limit on either binds both")
        elif all(_never_traded(asset, policy_set, excluded) for asset in assets):
            message = f"every asset of the group `{name}` is excluded"
            yield _group(place, message, "delete the group, or the exclusions")
    yield from _without_cap(policy_set)


def _never_traded(asset: str, policy_set: PolicySet, excluded: Collection[str]) -> bool:
    return all(f"{asset}-{quote}" in excluded for quote in policy_set.universe.quote_currencies)


def _without_cap(policy_set: PolicySet) -> Iterator[Diagnostic]:
    """Groups that a table names some of, and leaves others to the rest."""
    groups = policy_set.universe.groups
    for document in documents_of(policy_set, "RiskLimit"):
        for path, table in _tables(document):
            named = table.cases.keys() - {OTHERS}
            missing = sorted(groups.keys() - named)
            if named and missing and table.over == "group":
                message = (
                    f"the table says nothing for the group `{missing[0]}`, "
                    f"so it counts among the others"
                )
                mend = "give every group of the universe a number of its own"
                yield _group(document.places.of_key(path), message, mend)


def _tables(document: Document) -> Iterator[tuple[tuple[str | int, ...], Table]]:
    for block in KINDS[document.kind].meaning.blocks(document):
        for name, value in block.params.items():
            if isinstance(value, Table) and value.head == "per":
                yield (*block.scope.path, name), value


def _group(place: Place, message: str, mend: str) -> Diagnostic:
    return Diagnostic("M316", message, place, mend, severity=Severity.WARNING)
