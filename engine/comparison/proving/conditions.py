"""What a policy set asks of an order before it may leave: a list that is encoded, and evaluated.

In: a policy set and an intent. Out: `Condition`s, each of which refuses by itself. The solver and
the interpreter are asked the same list, so that what the one finds the other can confirm.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from engine.comparison.proving.own_facts import NOW_S, RANK_COUNT, TIER
from engine.expr.nodes import Compare, Fact, Flag, Membership, Not, Number, Text
from engine.kinds.rule import RuleRole, Stage
from engine.model.orders import Mode
from engine.policyset.composing import NO_TIER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.expr.nodes import CompareOp, Node
    from engine.kinds.rule import Rule
    from engine.model.orders import Intent
    from engine.policyset.policyset import PolicySet

ORDER_ROLES = frozenset({RuleRole.LIMIT, RuleRole.GUARD})


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
            ways.append(((_compared(NOW_S, ">=", until), Wanted.TRUE),))
        yield Condition(f"UniverseFilter#exclude {each.symbol}", tuple(ways))
    rank = _compared(RANK_COUNT, "<=", Decimal(universe.max_symbols))
    yield Condition.of("UniverseFilter#max_symbols", rank, Wanted.TRUE)
    member = Compare((Fact(TIER), Text(NO_TIER)), ("!=",))
    yield Condition.of("UniverseFilter#tiers", member, Wanted.TRUE)


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
