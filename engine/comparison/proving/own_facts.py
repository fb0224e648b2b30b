"""Facts that a policy set makes itself, defined by what it makes them of.

In: policy sets. Out: a `Reading` of each: its vocabulary as a proof takes it, with a product's tier
by the rules of the tiers and its standing, a waiver by its time and for whom it is, and the regime
by its rules over the reference product. So two sets that make such a fact otherwise are compared
over what both make it of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.expr.nodes import Fact
from engine.expr.printing import print_tree
from engine.expr.rewriting import map_facts
from engine.expr.units import Unit
from engine.expr.vocabulary import FactScope, FactSpec, FactType
from engine.kinds.deployment.lower import REGIMES
from engine.kinds.rule import RuleRole
from engine.policyset.composing import NO_TIER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.expr.nodes import Node
    from engine.expr.vocabulary import Vocabulary
    from engine.kinds.rule import Rule
    from engine.kinds.waiver.document import WaiverSpec
    from engine.policyset.policyset import PolicySet

TIER, REGIME = "asset.tier", "regime.name"
RANK_COUNT, NOW_S = "universe.rank_count", "universe.now_s"
_BEFORE, _MISSED_S, _ENTERED = (
    f"universe.{each}" for each in ("tier_before", "missed_s", "tier_entered")
)
_NS_PER_S = 10**9


def _fact(
    name: str, type_: FactType, sentence: str, unit: Unit | None = None, definition: str = ""
) -> FactSpec:
    low = None if unit is None else 0.0
    scope, source = FactScope.SYMBOL, "" if definition else "comparison"
    return FactSpec(
        name, type_, unit, scope, source, sentence, low=low, definition=definition or None
    )


STANDING = (
    _fact(_BEFORE, FactType.TEXT, "the tier that it was in in the cycle before"),
    _fact(_MISSED_S, FactType.NUMBER, "for how long it has missed what its tier asks", Unit.S),
    _fact(RANK_COUNT, FactType.NUMBER, "its place among the products that fit", Unit.COUNT),
    _fact(NOW_S, FactType.NUMBER, "the time, in seconds since 1970", Unit.S),
)
"""A product's standing, and the time: of the state, the same under both sets, never in doubt."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A policy set, and its facts as a proof takes them."""

    policy_set: PolicySet
    vocabulary: Vocabulary

    @classmethod
    def plain(cls, policy_set: PolicySet) -> Reading:
        """The set as it is, its own facts free."""
        return cls(policy_set, policy_set.vocabulary)


def readings(base: PolicySet, head: PolicySet) -> tuple[Reading, Reading]:
    """Both sets; the regime is taken apart where they tell it otherwise, for its many facts."""
    found = [_reading(each) for each in (base, head)]
    trees = [_of_reference(each) for each in found]
    if trees[0] != trees[1]:
        found = [_with_regime(*each) for each in zip(found, trees, strict=True)]
    return found[0], found[1]


def _reading(policy_set: PolicySet) -> Reading:
    vocabulary = policy_set.vocabulary.extended((*STANDING, *_tier_facts(policy_set)))
    vocabulary = vocabulary.with_definition(TIER, _tier(policy_set))
    for name, waiver in policy_set.waivers:
        active = " and ".join(_in_force(waiver, policy_set))
        vocabulary = vocabulary.with_definition(f"waiver.{name}.active", active)
    return Reading(policy_set, vocabulary)


def _tier_facts(policy_set: PolicySet) -> Iterator[FactSpec]:
    """What each tier's rules say, and the tier that a newcomer enters."""
    for role, verb in ((RuleRole.TIER_ENTER, "enters"), (RuleRole.TIER_STAY, "stays")):
        for rule in policy_set.of_role(role):
            tier = rule.id.partition("#")[2].rpartition("_")[0]
            name, says = f"universe.{tier}_{verb}", f"whether it {verb} the tier `{tier}`"
            yield _fact(name, FactType.FLAG, says, definition=print_tree(rule.tree))
    names = [each.name for each in policy_set.universe.tiers]
    chain = _chained([(f'"{each}"', _enters(each)) for each in names], f'"{NO_TIER}"')
    yield _fact(_ENTERED, FactType.TEXT, "the tier that a newcomer enters", definition=chain)


def _tier(policy_set: PolicySet) -> str:
    """Up at once, down late: as `cycle/steps/universe.py` decides it."""
    names = [each.name for each in policy_set.universe.tiers]
    cases = [
        (_as_member(policy_set, names[: place + 1]), f'{_BEFORE} == "{name}"')
        for place, name in enumerate(names)
    ]
    return _chained(cases, _ENTERED)


def _as_member(policy_set: PolicySet, names: Sequence[str]) -> str:
    """The tier of a member of the last one of these."""
    *higher, own = names
    universe = policy_set.universe
    doubt = "true" if universe.on_undecided == "keep" else "false"
    kept = f"default(universe.{own}_stays, {doubt}) or {_MISSED_S} < {universe.leave_after}"
    ups = [(f'"{each}"', _enters(each)) for each in higher]
    return _chained([*ups, (f'"{own}"', kept)], _ENTERED)


def _enters(tier: str) -> str:
    return f"default(universe.{tier}_enters, false)"


def _chained(cases: Sequence[tuple[str, str]], otherwise: str) -> str:
    """The first value whose test holds."""
    for value, test in reversed(cases):
        otherwise = f"({value} if {test} else {otherwise})"
    return otherwise


def _in_force(waiver: WaiverSpec, policy_set: PolicySet) -> Iterator[str]:
    """What must hold for a waiver to count, as `cycle/facts/waivers.py` decides it."""
    yield f"{NOW_S} >= {_seconds(waiver.valid_from.ns)}"
    yield f"{NOW_S} < {_seconds(waiver.until.ns)}"
    groups = policy_set.universe.groups
    assets = [asset for group in waiver.scope.groups for asset in groups[group]]
    for name, wanted, limited in (
        ("order.symbol", waiver.scope.symbols, waiver.scope.symbols),
        ("order.base", assets, waiver.scope.groups),
        ("order.strategy", waiver.scope.strategies, waiver.scope.strategies),
        (TIER, waiver.scope.tiers, waiver.scope.tiers),
    ):
        if limited:
            equal = (f'{name} == "{each}"' for each in dict.fromkeys(wanted))
            yield f"({' or '.join(equal) or 'false'})"


def _seconds(ns: int) -> str:
    whole, rest = divmod(ns, _NS_PER_S)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")


def _of_reference(reading: Reading) -> dict[str, tuple[str, Node]]:
    """The regime's rules: whose bars tell it, and what is asked of them, definitions put in."""
    product = reading.policy_set.deployment.regime.reference
    rules = {
        each.id.partition("#")[2]: each for each in reading.policy_set.of_role(RuleRole.REGIME)
    }
    return {name: (product, _expanded(rules[name], reading.vocabulary)) for name in REGIMES}


def _expanded(rule: Rule, vocabulary: Vocabulary) -> Node:
    def become(fact: Fact) -> Node:
        definition = vocabulary.definition_tree(fact.name)
        return fact if definition is None else map_facts(definition, become)

    return map_facts(rule.tree, become)


def _with_regime(reading: Reading, trees: dict[str, tuple[str, Node]]) -> Reading:
    """The regime by its rules, the reference product's facts under names of their own."""
    vocabulary = reading.vocabulary
    own: dict[str, FactSpec] = {}
    for product, tree in trees.values():
        for name in vocabulary.base_facts(tree):
            spec = vocabulary.spec(name)
            if spec is not None and spec.scope is FactScope.SYMBOL:
                renamed = re.sub(r"\W+", "_", f"{product} {name}".lower()).strip("_")
                own[name] = replace(spec, name=f"reference.{renamed}")
    asked = [
        _fact(
            f"regime.{name}_answer",
            FactType.FLAG,
            f"whether it is {name}",
            definition=print_tree(map_facts(tree, lambda each: _renamed(each, own))),
        )
        for name, (_, tree) in trees.items()
    ]
    wider = vocabulary.extended((*own.values(), *asked))
    return replace(reading, vocabulary=wider.with_definition(REGIME, _regime()))


def _renamed(fact: Fact, own: dict[str, FactSpec]) -> Fact:
    return Fact(own[fact.name].name) if fact.name in own else fact


def _regime() -> str:
    """As `cycle/facts/regime.py` decides it: one that is undecided before any holds is unknown."""
    cases: list[tuple[str, str]] = []
    for name in REGIMES:
        answer = f"regime.{name}_answer"
        cases += [('"unknown"', f"not has({answer})"), (f'"{name}"', answer)]
    return _chained(cases, '"chop"')
