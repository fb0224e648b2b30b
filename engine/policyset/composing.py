"""Composing: documents become a policy set, or findings.

In: built documents of one set, in file order. Out: `Composed`. Every finding of every document
is collected; a set is made only when none of them is an error.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity, in_file_order
from engine.expr.facts import COOLDOWN, VOCABULARY
from engine.expr.vocabulary import fact_names
from engine.kinds import parameters
from engine.kinds.base import content_of
from engine.kinds.lowering import Lowered, Surroundings
from engine.kinds.registry import KINDS
from engine.kinds.risk_limit import cooldown
from engine.kinds.universe_filter.document import UniverseFilterDocument
from engine.kinds.waiver.document import WaiverDocument
from engine.kinds.waiver.lower import (
    check_scope,
    check_target,
    overlaps,
    parameter_reach,
    waived,
)
from engine.policyset.policyset import PolicySet
from engine.policyset.sealing import seal_documents, seal_set
from engine.policyset.sizing_rules import check_sizing
from engine.policyset.upkeep_rules import check_upkeep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.expr.vocabulary import FactSpec, Vocabulary
    from engine.kinds.base import Document
    from engine.kinds.parameters import Block
    from engine.kinds.waiver.document import WaiverSpec

NO_TIER = "none"
_TIER_FACTS = ("asset.tier", "order.tier")


@dataclass(frozen=True, slots=True)
class Composed:
    """A policy set, or None, and all that was found."""

    policy_set: PolicySet | None
    diagnostics: tuple[Diagnostic, ...]


def compose(documents: Sequence[Document], name: str) -> Composed:
    """Make one set of these documents."""
    missing = tuple(_check_singles(documents))
    if missing:
        return Composed(None, in_file_order(missing))
    groups, tiers = _groups_and_tiers(documents)
    vocabulary, found = _vocabulary(documents, groups, tiers)
    if _errors(found):
        return Composed(None, in_file_order(found))
    around = Surroundings(vocabulary, groups, tiers)
    lowered = [KINDS[each.kind].meaning.lower(each, around) for each in documents]
    found.extend(finding for part in lowered for finding in part.diagnostics)
    return _assemble(documents, name, vocabulary, lowered, found)


def _assemble(
    documents: Sequence[Document],
    name: str,
    vocabulary: Vocabulary,
    lowered: Sequence[Lowered],
    found: list[Diagnostic],
) -> Composed:
    rules = tuple(sorted((r for part in lowered for r in part.rules), key=lambda r: r.id))
    found.extend(check_sizing(rules, vocabulary))
    found.extend(check_upkeep(documents, rules, vocabulary))
    if _errors(found):
        return Composed(None, in_file_order(found))
    values = {key: tree for part in lowered for key, tree in part.values}
    sealed = seal_documents(documents)
    names = {n for tree in (*(r.tree for r in rules), *values.values()) for n in fact_names(tree)}
    seal = seal_set(sealed, vocabulary, names)
    policy_set = PolicySet(name, seal, sealed, vocabulary, rules, values)
    return Composed(policy_set, in_file_order(found))


def _errors(found: Iterable[Diagnostic]) -> bool:
    return any(each.severity is Severity.ERROR for each in found)


def _check_singles(documents: Sequence[Document]) -> Iterator[Diagnostic]:
    counts = Counter(document.kind for document in documents)
    for kind in (name for name, each in KINDS.items() if each.single):
        if counts[kind] == 0:
            mend = "add one, and list its file under `include` of policyset.yaml"
            yield Diagnostic("M335", f"the set has no `{kind}`", None, mend)
        if counts[kind] > 1:
            first, second, *_ = (each for each in documents if each.kind == kind)
            place = second.places.of_key(("kind",))
            related = ((first.places.of_key(("kind",)), "the first is here"),)
            yield Diagnostic(
                "M335", f"the set has a second `{kind}`", place, "keep one of them", related
            )


def _groups_and_tiers(documents: Sequence[Document]) -> tuple[frozenset[str], frozenset[str]]:
    universe = next(each for each in documents if each.kind == "UniverseFilter")
    spec = content_of(universe, UniverseFilterDocument).spec
    return frozenset(spec.groups), frozenset(tier.name for tier in spec.tiers)


def _vocabulary(
    documents: Sequence[Document], groups: frozenset[str], tiers: frozenset[str]
) -> tuple[Vocabulary, list[Diagnostic]]:
    values = (*sorted(tiers), NO_TIER)
    base = VOCABULARY.with_values(dict.fromkeys(_TIER_FACTS, values))
    blocks = [b for each in documents for b in KINDS[each.kind].meaning.blocks(each)]
    found = [f for block in blocks for f in parameters.check_tables(block, groups, base)]
    waivers = [each for each in documents if each.kind == "Waiver"]
    known = {block.rule: block.params for block in blocks}
    found.extend(f for waiver in waivers for f in check_target(waiver, known))
    found.extend(f for waiver in waivers for f in _check_waiver(waiver, documents, groups, base))
    found.extend(overlaps(waivers))
    if _errors(found):
        return base, found
    declared = [f for each in documents for f in KINDS[each.kind].meaning.declare(each)]
    declared.extend(f for block in blocks for f in _parameter_facts(block, waivers))
    vocabulary = base.extended(declared)
    vocabulary = vocabulary.with_definition(COOLDOWN, cooldown.remaining(documents, vocabulary))
    found.extend(_check_circles(declared, vocabulary, documents))
    return vocabulary, found


def _check_waiver(
    waiver: Document, documents: Sequence[Document], groups: frozenset[str], base: Vocabulary
) -> Iterator[Diagnostic]:
    """Whom it names, and the tables that it gives."""
    spec = _waiver(waiver)
    tiers = base.specs["asset.tier"].values
    strategies = [each.name for each in documents if each.kind == "Strategy"]
    names = {"groups": groups, "tiers": tiers, "strategies": strategies}
    yield from check_scope(waiver, names)
    given = parameters.scope_of(waiver, ("spec", "instead", "params"))
    block = parameters.Block(spec.rule, given, spec.instead.params)
    yield from parameters.check_tables(block, groups, base)


def _parameter_facts(block: Block, waivers: Sequence[Document]) -> Iterator[FactSpec]:
    own = [each for each in waivers if _waiver(each).rule == block.rule]
    for name, value in block.params.items():
        touched = [each for each in own if name in _waiver(each).instead.params]
        reach = parameter_reach(value, name, touched)
        definition = waived(parameters.definition_of(value), name, touched)
        yield parameters.parameter_fact(block.scope.fact(name), definition, reach)


def _waiver(document: Document) -> WaiverSpec:
    return content_of(document, WaiverDocument).spec


def _check_circles(
    declared: Iterable[FactSpec], vocabulary: Vocabulary, documents: Sequence[Document]
) -> Iterator[Diagnostic]:
    places = {each.name: each.places.of(("spec",)) for each in documents}
    for spec in declared:
        if _reaches_itself(spec.name, vocabulary):
            message = f"`{spec.name}` is defined by itself"
            place = places.get(spec.name.split(".")[1])
            yield Diagnostic("M336", message, place, "break the circle of references")


def _reaches_itself(name: str, vocabulary: Vocabulary) -> bool:
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        tree = vocabulary.definition_tree(waiting.pop())
        for each in fact_names(tree) if tree is not None else ():
            if each == name:
                return True
            if each not in seen:
                seen.add(each)
                waiting.append(each)
    return False
