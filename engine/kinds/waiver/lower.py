"""What a Waiver adds: two facts, and other parameters in the rule that it waives while active."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Fix
from engine.expr.checking.suggest import nearest, sure
from engine.expr.nodes import And, Conditional, Fact, Membership, Text
from engine.expr.units import Unit
from engine.expr.vocabulary import FactScope, FactSpec, FactType, fact_names
from engine.kinds import parameters
from engine.kinds.base import content_of
from engine.kinds.lowering import Meaning
from engine.kinds.waiver.document import WaiverDocument

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from decimal import Decimal

    from engine.expr.nodes import Node
    from engine.kinds.base import Document, Table
    from engine.kinds.waiver.document import WaiverScope, WaiverSpec


_WORDS = {"groups": "group", "tiers": "tier", "strategies": "strategy"}
_EXCLUSIVE = ("symbols", "strategies", "tiers")
_REACHES = (FactScope.GROUP, FactScope.ORDER, FactScope.SYMBOL, FactScope.ACCOUNT)
"""From what needs the most at hand to what needs nothing."""


def declare_facts(document: Document) -> tuple[FactSpec, ...]:
    """Whether it is in force for whom it names, and for how long."""
    scope = content_of(document, WaiverDocument).spec.scope
    name = document.name
    return (
        FactSpec(
            f"waiver.{name}.active",
            FactType.FLAG,
            None,
            reach_of(scope),
            "cycle.facts.waivers",
            f"whether the waiver `{name}` is in force for what is at hand",
        ),
        FactSpec(
            f"waiver.{name}.left_h",
            FactType.NUMBER,
            Unit.H,
            FactScope.ACCOUNT,
            "cycle.facts.waivers",
            f"hours until the waiver `{name}` ends; 0 when it has",
            low=0,
        ),
    )


def reach_of(scope: WaiverScope) -> FactScope:
    """What must be at hand to say whether a waiver counts."""
    if scope.strategies:
        return FactScope.ORDER
    if scope.symbols or scope.groups or scope.tiers:
        return FactScope.SYMBOL
    return FactScope.ACCOUNT


def parameter_reach(value: Decimal | Table, name: str, waivers: Sequence[Document]) -> FactScope:
    """What must be at hand for a parameter with these waivers to have a value."""
    specs = [content_of(each, WaiverDocument).spec for each in waivers]
    values = (value, *(each.instead.params[name] for each in specs))
    reaches = {parameters.reach_of(each) for each in values}
    reaches |= {reach_of(each.scope) for each in specs}
    return next(each for each in _REACHES if each in reaches)


def waived(definition: Node, parameter: str, waivers: Sequence[Document]) -> Node:
    """A parameter's definition as the waivers of its rule leave it.

    No two of them count at once (`overlaps`), so their order decides nothing.
    """
    for document in waivers:
        spec = content_of(document, WaiverDocument).spec
        instead = spec.instead.params[parameter]
        test = _counts(document.name, spec.scope, definition)
        definition = Conditional(test, parameters.definition_of(instead), definition)
    return definition


def _counts(name: str, scope: WaiverScope, definition: Node) -> Node:
    """Of a number that each group has, a waiver of groups touches theirs and no other's."""
    active = Fact(f"waiver.{name}.active")
    if not scope.groups or parameters.GROUP_FACT not in fact_names(definition):
        return active
    own = tuple(Text(each) for each in sorted(scope.groups))
    return And((active, Membership(Fact(parameters.GROUP_FACT), own)))


def check_target(
    document: Document, rules: Mapping[str, Mapping[str, Decimal | Table]]
) -> tuple[Diagnostic, ...]:
    """A waiver names a rule that exists, and parameters that it has."""
    spec = content_of(document, WaiverDocument).spec
    known = rules.get(spec.rule)
    if known is None:
        place = document.places.of(("spec", "rule"))
        near = nearest(spec.rule, rules)
        mend = f"did you mean `{near}`?" if near else "name it as Kind/name or Kind/name#part"
        meant = sure(spec.rule, rules)
        fix = Fix(place, meant, safe=True) if meant else None
        return (Diagnostic("M337", f"no rule `{spec.rule}` to waive", place, mend, fix=fix),)
    found = []
    for name in spec.instead.params:
        if name not in known:
            place = document.places.of_key(("spec", "instead", "params", name))
            mend = f"it has: {', '.join(sorted(known)) or 'none'}"
            message = f"`{spec.rule}` has no parameter `{name}`"
            meant = sure(name, known)
            fix = Fix(place, meant, safe=True) if meant else None
            found.append(Diagnostic("M338", message, place, mend, fix=fix))
    return tuple(found)


def check_scope(document: Document, names: Mapping[str, Collection[str]]) -> Iterator[Diagnostic]:
    """A waiver that names what the set does not have would never count."""
    spec = content_of(document, WaiverDocument).spec
    for field, known in names.items():
        for index, each in enumerate(getattr(spec.scope, field)):
            if each not in known:
                near = nearest(each, known)
                guess = f"did you mean `{near}`? " if near else ""
                place = document.places.of(("spec", "scope", field, index))
                message = f"the set has no {_WORDS[field]} `{each}`"
                mend = f"{guess}it has: {', '.join(sorted(known)) or 'none'}"
                yield Diagnostic("M391", message, place, mend)
    if spec.scope.strategies and spec.rule.startswith("UniverseFilter/"):
        place = document.places.of_key(("spec", "scope", "strategies"))
        message = "the universe is asked before any strategy, so none can have an exception from it"
        yield Diagnostic("M392", message, place, "name symbols, groups or tiers")


def overlaps(waivers: Sequence[Document]) -> Iterator[Diagnostic]:
    """Two waivers that would give one number two values at the same time, for the same order."""
    for later, other in ((b, a) for a, b in combinations(waivers, 2)):
        one, two = (content_of(each, WaiverDocument).spec for each in (other, later))
        both = sorted({*one.instead.params} & {*two.instead.params})
        if one.rule == two.rule and both and _meet(one, two):
            message = (
                f"`{other.name}` and `{later.name}` give `{both[0]}` of `{one.rule}` "
                "two values at the same time"
            )
            related = ((other.places.of(("spec", "instead")), "the other waiver"),)
            place = later.places.of(("spec", "instead"))
            mend = "let one end before the other begins, or name other products in it"
            yield Diagnostic("M390", message, place, mend, related)


def _meet(one: WaiverSpec, two: WaiverSpec) -> bool:
    if one.until <= two.valid_from or two.until <= one.valid_from:
        return False
    # An asset may be in two groups, so groups that differ keep no two waivers apart.
    pairs = ((getattr(each.scope, name) for each in (one, two)) for name in _EXCLUSIVE)
    return all(not mine or not yours or {*mine} & {*yours} for mine, yours in pairs)


MEANING = Meaning(declare=declare_facts)
