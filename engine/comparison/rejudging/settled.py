"""Decisions that a candidate makes as they were made, told without judging them again.

In: a recorded set, a candidate, a mode. Out: `Settled`, which knows what both ask alike. What such
a rule refused, it refuses again; what was allowed in full is allowed again where every rule that is
another lets it pass. Whoever gets no for an answer judges: few changes leave much to be judged, and
so a million decisions are told in a minute.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from engine.comparison.proving.changes import Changes
from engine.comparison.proving.conditions import ORDER_ROLES
from engine.comparison.proving.own_facts import Reading
from engine.cycle.facts.order import size_facts
from engine.cycle.judging.panel import Panel
from engine.cycle.records.story import breached_rules
from engine.expr.vocabulary import fact_names
from engine.kinds.rule import OnBreach, Scope, Stage
from engine.model.decisions import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.cycle.records.brief import Brief
    from engine.kinds.rule import Rule
    from engine.ledger.bodies import Json
    from engine.model.orders import Mode
    from engine.policyset.policyset import PolicySet

_WAIVER = "waiver."


class Settled:
    """What two sets ask alike of orders in one mode, and what of the candidate is another."""

    def __init__(self, recorded: PolicySet, candidate: PolicySet, mode: Mode) -> None:
        changes = Changes(Reading.plain(recorded), Reading.plain(candidate))
        changed = {*changes.rules(ORDER_ROLES)}
        # What a waiver says is not recorded but of the set, whoever names it.
        changed |= {each.id for each in candidate.rules if _names_waiver(each, candidate)}
        self._firm = frozenset(
            each.id for each in candidate.rules if each.id not in changed and _refuses(each, mode)
        )
        fees = recorded.deployment.fees.taker_bps, candidate.deployment.fees.taker_bps
        self._same_minimums = fees[0] == fees[1]
        self._panel = lru_cache(lambda intent: Panel(candidate, intent, mode, changed))

    def denied(self, body: Mapping[str, Json]) -> bool:
        """Whether a rule refused this decision that refuses it again, whatever the others say."""
        # At another size than it was asked for, a rule may say otherwise.
        if body["resized_by"]:
            return False
        return not self._firm.isdisjoint(breached_rules(body))

    def allowed(self, brief: Brief) -> bool:
        """Whether it was allowed as asked, and every rule that is another allows that too."""
        if brief.verdict is not Verdict.ALLOW or not self._same_minimums:
            return False
        situation, asked = brief.situation, brief.intent
        sizes = size_facts(asked, asked.quantity, situation.rate)
        panel = self._panel(asked.intent)
        sheets = panel.answer({**situation.facts, **sizes}, situation.groups)
        return not any(sheet.failing() for sheet in sheets)


def _refuses(rule: Rule, mode: Mode) -> bool:
    """Whether a breach of it, once decided, denies an order at the size at which it is asked."""
    return (
        rule.role in ORDER_ROLES
        and rule.stage is Stage.ENFORCE
        and rule.on_breach is OnBreach.DENY
        and rule.scope is not Scope.GROUP
        and not rule.minimum
        and mode in rule.modes
    )


def _names_waiver(rule: Rule, policy_set: PolicySet) -> bool:
    names = policy_set.vocabulary.closure(fact_names(rule.tree))
    return any(name.startswith(_WAIVER) for name in names)
