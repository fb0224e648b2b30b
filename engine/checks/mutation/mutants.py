"""Small changes of a policy set, each of which a test should notice.

In: a policy set. Out: `Mutant` values, in the order of the rules: comparisons made strict or turned
round, `and` for `or`, conditions left out, numbers moved a tick, numbers in another unit, rules
dropped, demoted or bound to other orders. Each names the rules that it touches. Nothing is
written: a mutant is the same set with other trees in it, and another hash.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.checks.mutation.trees import changes_of, numbers_of, with_number
from engine.expr.nodes import Fact, Flag, walk
from engine.expr.printing import print_tree
from engine.expr.units import Unit
from engine.expr.vocabulary import ALL_MODES
from engine.kinds.rule import OnBreach, RuleRole, Stage
from engine.model.numbers import canonical_number
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.errors import Place
    from engine.expr.nodes import Node, Number
    from engine.kinds.rule import Rule
    from engine.policyset.policyset import PolicySet

_JUDGED = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_SWAPPED: dict[Unit, tuple[tuple[str, Decimal], ...]] = {
    Unit.PCT: (("as a ratio", Decimal("0.01")), ("in bps", Decimal(100))),
    Unit.BPS: (("in pct", Decimal("0.01")),),
    Unit.RATIO: (("in pct", Decimal(100)),),
    Unit.S: (("in ms", Decimal(1000)), ("in minutes", Decimal(60))),
    Unit.MS: (("in s", Decimal("0.001")),),
}
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: what it says in words, where, and the set that it makes."""

    words: str
    place: Place
    rules: tuple[str, ...]
    policy_set: PolicySet

    @property
    def rule(self) -> str:
        """The first rule that it touches."""
        return self.rules[0]


def mutants_of(policy_set: PolicySet) -> Iterator[Mutant]:
    """Every mutant of a set; the same set gives the same ones."""
    for rule in policy_set.rules:
        for words, changed in (*_trees(rule), *_circumstances(rule)):
            yield _with_rule(policy_set, rule, words, changed)
    yield from _numbers(policy_set)


def _with_rule(policy_set: PolicySet, rule: Rule, words: str, changed: Rule | None) -> Mutant:
    rules = tuple(
        each if each.id != rule.id else changed
        for each in policy_set.rules
        if each.id != rule.id or changed is not None
    )
    kept = tuple(each for each in rules if each is not None)
    told = f"{rule.id}: {words}"
    return Mutant(told, rule.place, (rule.id,), _marked(replace(policy_set, rules=kept), told))


def _marked(policy_set: PolicySet, words: str) -> PolicySet:
    """The set under a hash that no reviewed set has."""
    told = f"{policy_set.hash}\n{words}".encode()
    return replace(policy_set, hash=hashlib.sha256(told).hexdigest())


def _trees(rule: Rule) -> Iterator[tuple[str, Rule]]:
    for words, tree in changes_of(rule.tree):
        yield words, replace(rule, tree=tree)
    for place, number in enumerate(numbers_of(rule.tree)):
        for words, value in _moved(number, None):
            tree = with_number(rule.tree, place, value)
            yield f"{_which(rule.tree, place)} {words}", replace(rule, tree=tree)


def _circumstances(rule: Rule) -> Iterator[tuple[str, Rule | None]]:
    """What a rule binds, and how much it counts."""
    if rule.role not in _JUDGED:
        if not isinstance(rule.tree, Flag):
            yield "dropped", replace(rule, tree=Flag(value=False))
        if rule.modes != ALL_MODES:
            yield "counts in every mode", replace(rule, modes=ALL_MODES)
        return
    yield "dropped", None
    yield "only warns", replace(rule, stage=Stage.WARN)
    for intent in sorted(rule.intents, key=lambda each: each.value):
        yield f"does not bind {intent.value}", replace(rule, intents=rule.intents - {intent})
    if Intent.EXIT not in rule.intents:
        yield "binds exits too", replace(rule, intents=rule.intents | {Intent.EXIT})
    if rule.on_breach is OnBreach.RESIZE:
        yield "denies and does not resize", replace(rule, on_breach=OnBreach.DENY)


def _numbers(policy_set: PolicySet) -> Iterator[Mutant]:
    """The set's own numbers, as all rules that name them see them."""
    vocabulary = policy_set.vocabulary
    used = _users(policy_set)
    for name in sorted(each for each in vocabulary if each.startswith("policy.")):
        definition, spec = vocabulary.definition_tree(name), vocabulary.spec(name)
        if definition is None or spec is None or name not in used:
            continue
        place = used[name][0].place
        rules = tuple(rule.id for rule in used[name])
        for at, number in enumerate(numbers_of(definition)):
            for words, value in (*_moved(number, spec.unit), *_converted(number, spec.unit)):
                told = f"{name}: {_which(definition, at)} {words}"
                text = print_tree(with_number(definition, at, value))
                changed = replace(policy_set, vocabulary=vocabulary.with_definition(name, text))
                yield Mutant(told, place, rules, _marked(changed, told))


def _which(tree: Node, place: int) -> str:
    """A number of a tree in words: its value, and which of those that are alike."""
    values = [number.value for number in numbers_of(tree)]
    value = values[place]
    alike = values.count(value)
    told = canonical_number(value)
    return told if alike == 1 else f"{told} ({values[: place + 1].count(value)} of {alike})"


def _users(policy_set: PolicySet) -> dict[str, list[Rule]]:
    """The rules in which each number of the set takes part, through definitions too."""
    found: dict[str, list[Rule]] = {}
    for rule in policy_set.rules:
        for name in _names(rule.tree, policy_set):
            found.setdefault(name, []).append(rule)
    return found


def _names(tree: Node, policy_set: PolicySet) -> dict[str, None]:
    found: dict[str, None] = {}
    for node in walk(tree):
        if isinstance(node, Fact):
            found[node.name] = None
            definition = policy_set.vocabulary.definition_tree(node.name)
            found |= {} if definition is None else _names(definition, policy_set)
    return found


def _moved(number: Number, unit: Unit | None) -> Iterator[tuple[str, Decimal]]:
    tick = _tick(number.value, unit)
    for words, value in (("up", number.value + tick), ("down", number.value - tick)):
        yield f"moved {words} to {canonical_number(value)}", value


def _tick(value: Decimal, unit: Unit | None) -> Decimal:
    """One of what is counted; else one in the third digit that counts."""
    bare = unit is None and value == value.to_integral_value()
    if unit is Unit.COUNT or value == 0 or bare:
        return Decimal(1)
    return Decimal(1).scaleb(value.adjusted() - _DIGITS + 1)


def _converted(number: Number, unit: Unit | None) -> Iterator[tuple[str, Decimal]]:
    for words, factor in _SWAPPED.get(unit, ()) if unit is not None and number.value else ():
        yield f"meant {words}", number.value * factor
