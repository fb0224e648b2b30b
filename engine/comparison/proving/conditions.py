"""What a policy set asks of an order before it may leave: a list that is encoded, and evaluated.

In: a policy set and an intent. Out: `Condition`s, each of which refuses by itself. The solver and
the interpreter are asked the same list, so that what the one finds the other can confirm. What a
product's place in the universe turns on besides facts is a few facts more, free like all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from engine.expr.nodes import Compare, Fact, Flag, Membership, Not, Number, Text
from engine.expr.units import Unit
from engine.expr.vocabulary import FactScope, FactSpec, FactType
from engine.kinds.rule import RuleRole, Stage
from engine.model.orders import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.expr.nodes import CompareOp, Node
    from engine.expr.vocabulary import Vocabulary
    from engine.kinds.rule import Rule
    from engine.model.orders import Intent
    from engine.policyset.policyset import PolicySet

ORDER_ROLES = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_WAS_MEMBER, _MISSED_S = "universe.was_member", "universe.missed_s"
_RANK_COUNT, _NOW_S = "universe.rank_count", "universe.now_s"


def _number(name: str, unit: Unit, low: float, sentence: str) -> FactSpec:
    return FactSpec(name, FactType.NUMBER, unit, FactScope.SYMBOL, "comparison", sentence, low=low)


STANDING = (
    FactSpec(
        _WAS_MEMBER,
        FactType.FLAG,
        None,
        FactScope.SYMBOL,
        "comparison",
        "whether the product was in the universe in the cycle before",
    ),
    _number(_MISSED_S, Unit.S, 0.0, "for how long it has missed what its tier asks"),
    _number(_RANK_COUNT, Unit.COUNT, 1.0, "its place among the products that fit"),
    _number(_NOW_S, Unit.S, 0.0, "the time, in seconds since 1970"),
)
"""A product's standing in the universe: of the state, and the same under both sets."""


class Wanted(Enum):
    """What an order needs of an answer; doubt is a third answer."""

    TRUE = "true"
    FALSE = "false"
    NOT_FALSE = "not false"
    NOT_TRUE = "not true"
    DECIDED = "decided"

    def met(self, answer: object) -> bool:
        """Whether an answer (None: undecided) lets the order pass."""
        match self:
            case Wanted.TRUE:
                return answer is True
            case Wanted.FALSE:
                return answer is False
            case Wanted.NOT_FALSE:
                return answer is not False
            case Wanted.NOT_TRUE:
                return answer is not True
            case Wanted.DECIDED:
                return answer is not None


Way = tuple[tuple["Node", Wanted], ...]
"""Answers that are all wanted."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that refuses an order, unless the answers of one of its `ways` are as wanted."""

    id: str
    ways: tuple[Way, ...]

    @classmethod
    def of(cls, id_: str, tree: Node, wanted: Wanted) -> Condition:
        """One answer that is wanted."""
        return cls(id_, (((tree, wanted),),))


def vocabulary_of(policy_set: PolicySet) -> Vocabulary:
    """The set's facts, and a product's standing."""
    return policy_set.vocabulary.extended(STANDING)


def conditions_of(policy_set: PolicySet, intent: Intent) -> tuple[Condition, ...]:
    """Everything that can refuse an order of this intent, in the set's own mode."""
    found = [*_limits(policy_set, intent), *_breakers(policy_set, intent)]
    if intent.adds_risk:
        found += _universe(policy_set)
    if policy_set.deployment.read_only:
        found.append(Condition.of("Deployment#read_only", Flag(value=True), Wanted.FALSE))
    return tuple(found)


def _limits(policy_set: PolicySet, intent: Intent) -> Iterator[Condition]:
    # Doubt denies new risk; an exit is denied by a decided breach alone.
    wanted = Wanted.TRUE if intent.adds_risk else Wanted.NOT_FALSE
    for rule in enforced(policy_set, ORDER_ROLES):
        if intent in rule.intents:
            yield Condition.of(rule.id, rule.tree, wanted)


def _breakers(policy_set: PolicySet, intent: Intent) -> Iterator[Condition]:
    specs = dict(policy_set.breakers)
    for rule in enforced(policy_set, frozenset({RuleRole.TRIP})):
        if intent.adds_risk:
            yield Condition.of(rule.id, rule.tree, Wanted.FALSE)
        elif specs[rule.document.partition("/")[2]].while_tripped == "halted":
            yield Condition.of(rule.id, rule.tree, Wanted.NOT_TRUE)


def _universe(policy_set: PolicySet) -> Iterator[Condition]:
    universe = policy_set.universe
    currencies = _among("order.quote_currency", universe.quote_currencies)
    yield Condition.of("UniverseFilter#quote_currencies", currencies, Wanted.TRUE)
    for each in universe.exclude:
        ways: list[Way] = [((Not(_among("order.symbol", [each.symbol])), Wanted.TRUE),)]
        if each.until is not None:
            until = Decimal(each.until.ns) / 10**9
            ways.append(((_compared(_NOW_S, ">=", until), Wanted.TRUE),))
        yield Condition(f"UniverseFilter#exclude {each.symbol}", tuple(ways))
    rank = _compared(_RANK_COUNT, "<=", Decimal(universe.max_symbols))
    yield Condition.of("UniverseFilter#max_symbols", rank, Wanted.TRUE)
    yield Condition("UniverseFilter#tiers", tuple(_ways_in(policy_set)))


def _ways_in(policy_set: PolicySet) -> Iterator[Way]:
    """One tier takes it; or it was in, and shows what it must, or has not missed it for long."""
    universe = policy_set.universe
    was_in = Fact(_WAS_MEMBER), Wanted.TRUE
    patient = _compared(_MISSED_S, "<", Decimal(universe.leave_after))
    kept = Wanted.NOT_FALSE if universe.on_undecided == "keep" else Wanted.TRUE
    for rule in enforced(policy_set, frozenset({RuleRole.TIER_ENTER})):
        yield ((rule.tree, Wanted.TRUE),)
    yield (was_in, (patient, Wanted.TRUE))
    for rule in enforced(policy_set, frozenset({RuleRole.TIER_STAY})):
        yield (was_in, (rule.tree, kept))


def enforced(policy_set: PolicySet, roles: frozenset[RuleRole]) -> Iterator[Rule]:
    """The rules of these roles that count: enforced, and in the set's own mode."""
    mode = Mode(policy_set.deployment.mode)
    for rule in policy_set.rules:
        if rule.role in roles and rule.stage is Stage.ENFORCE and mode in rule.modes:
            yield rule


def _among(name: str, texts: Sequence[str]) -> Node:
    return Membership(Fact(name), tuple(Text(each) for each in texts))


def _compared(name: str, op: CompareOp, value: Decimal) -> Node:
    return Compare((Fact(name), Number(value)), (op,))
