"""How near rules are to acting: each limit as it was last asked, each breaker as it stands.

In: a `Status`. Out: `Near`s, by how much is used of what is allowed: 100 is at the edge, and more
is beyond it. What compares nothing that can be measured, and a breaker that turns on what only the
market or the venue tells, has none; a tripped one is told as tripped, not as near.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.cycle.records.telling import compared_words, short_rule, value_shown
from engine.expr.backends.interpret import interpret
from engine.expr.backends.words.wording import unit_of
from engine.expr.nodes import And, Compare, Or
from engine.expr.printing import print_tree
from engine.kinds.rule import RuleRole, Scope, Stage
from engine.model.decisions import Comparison, Outcome
from engine.model.usage import NEAR_PCT, share_of, used_pct, used_shares
from engine.run.standing import standing_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expr.nodes import Node, Value
    from engine.kinds.rule import Rule
    from engine.model.decisions import Evaluation
    from engine.policyset.policyset import PolicySet
    from engine.run.status import AskedRule, Status

_UPPER = frozenset({"<", "<="})
_STAYS = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
"""What must hold for a breaker not to trip by a comparison."""


@dataclass(frozen=True, slots=True)
class Near:
    """One rule, how much of it is used, and by what; `asked` is None for a breaker."""

    rule: str
    group: str
    used_pct: float
    says: str
    headroom: float | None
    asked: AskedRule | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{short_rule(self.rule)} of {self.group}" if self.group else short_rule(self.rule)

    @property
    def near(self) -> bool:
        """Whether a person should look."""
        refused = self.asked is not None and self.asked.evaluation.outcome is not Outcome.PASS
        return self.used_pct >= NEAR_PCT or refused


def nearest_limits(status: Status) -> list[Near]:
    """Each rule that an order asked, by how much of it that order used, the nearest first."""
    policy_set = status.named.policy_set if status.named else None
    found = [
        Near(rule, group, *_measured(asked.evaluation, policy_set), asked)
        for (rule, group), asked in status.rules.items()
        if used_pct(asked.evaluation) is not None
    ]
    return sorted(found, key=lambda each: (-each.used_pct, each.rule, each.group))


def nearest_breakers(status: Status) -> list[Near]:
    """Each enforced breaker of the account that its own records decide, the nearest first."""
    policy_set = status.named.policy_set if status.named else None
    if policy_set is None:
        return []
    facts = standing_of(status).account
    tripped = {name for name, _ in status.state.latches}
    found = (
        _near(rule, _Asked(facts, policy_set))
        for rule in policy_set.of_role(RuleRole.TRIP)
        if _counts(rule, status) and short_rule(rule.id) not in tripped
    )
    known = [each for each in found if each is not None]
    return sorted(known, key=lambda each: (-each.used_pct, each.rule))


def _counts(rule: Rule, status: Status) -> bool:
    modes = {mode.value for mode in rule.modes}
    return (
        rule.stage is Stage.ENFORCE
        and rule.scope is not Scope.SYMBOL
        and status.state.mode in modes
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a breaker's comparisons are asked of."""

    facts: Mapping[str, Value]
    policy_set: PolicySet

    def compared(self, left: Node, op: str, right: Node) -> tuple[float, str] | None:
        """How near one comparison is to holding, and in words; None where it has no measure."""
        vocabulary = self.policy_set.vocabulary
        low, high = (interpret(each, self.facts, vocabulary) for each in (left, right))
        if op not in _STAYS or not isinstance(low, float) or not isinstance(high, float):
            return None
        room = low - high if op in _UPPER else high - low
        share = share_of(Comparison(low, _STAYS[op], high, room))
        if share is None:
            return None
        unit = unit_of(left, vocabulary) or unit_of(right, vocabulary)
        is_now, trips = value_shown(low, unit), value_shown(high, unit)
        return share, f"{print_tree(left)} {is_now}, trips at {op} {trips}"


def _near(rule: Rule, asked: _Asked) -> Near | None:
    found = _nearness(rule.tree, asked)
    if found is None:
        return None
    share, says = found
    return Near(rule.id, "", share, says, None)


def _nearness(tree: Node, asked: _Asked) -> tuple[float, str] | None:
    """How near a condition is to holding: all of an `and` must, any of an `or` may."""
    match tree:
        case And(operands=operands):
            found = [_nearness(each, asked) for each in operands]
            known = [each for each in found if each is not None]
            return min(known) if known and len(known) == len(found) else None
        case Or(operands=operands):
            known = [each for e in operands if (each := _nearness(e, asked)) is not None]
            return max(known, default=None)
        case Compare(operands=(left, right), ops=(op,)):
            return asked.compared(left, op, right)
        case _:
            return None


def _measured(
    evaluation: Evaluation, policy_set: PolicySet | None
) -> tuple[float, str, float | None]:
    """How much was used, by which comparison in words, and what was left there."""
    # INVARIANT: only a rule with a measured share comes here.
    share, at = max(used_shares(evaluation))
    # The words are those of the set that was asked, where this release can build it.
    words = compared_words(evaluation, policy_set)[at]
    return share, words, evaluation.comparisons[at].headroom
