"""The names that an expectation may use: rules, breakers, alerts, strategies, tiers, codes.

In: a policy set and an expectation. Out: findings for names that the set does not have; and rules
by any of their names: `RiskLimit/max_position`, or `max_position` for short, or `orders#spread`.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.checking.suggest import nearest
from engine.expr.facts import Regime
from engine.kinds.rule import RuleRole
from engine.model.decisions import ReasonCode
from engine.policyset.composing import NO_TIER
from engine.policyset.reading.scalars import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.checks.cases import Case, Expected
    from engine.errors import Place
    from engine.policyset.policyset import PolicySet

_JUDGED = frozenset({RuleRole.LIMIT, RuleRole.GUARD})


class Names:
    """What a policy set calls its parts."""

    def __init__(self, policy_set: PolicySet) -> None:
        self._set = policy_set

    @cached_property
    def rules(self) -> dict[str, str]:
        """Every rule's id by each of its names."""
        ids = [rule.id for rule in self._set.rules]
        short = {each.partition("/")[2]: each for each in ids}
        return short | {each: each for each in ids}

    @cached_property
    def reasons(self) -> dict[str, str]:
        """What may deny an order: a rule of the judge, or a code."""
        judged = {rule.id for rule in self._set.rules if rule.role in _JUDGED}
        named = {name: rule for name, rule in self.rules.items() if rule in judged}
        return {each.value: each.value for each in ReasonCode} | named

    @cached_property
    def breakers(self) -> frozenset[str]:
        """The breakers' names."""
        return frozenset(name for name, _ in self._set.breakers)

    @cached_property
    def alerts(self) -> frozenset[str]:
        """The alerts' names."""
        return frozenset(name for name, _ in self._set.alerts)

    @cached_property
    def strategies(self) -> frozenset[str]:
        """The names of the strategies that are enabled."""
        return frozenset(name for name, _ in self._set.strategies)

    @cached_property
    def tiers(self) -> frozenset[str]:
        """The tiers' names, and the word for none."""
        return frozenset({each.name for each in self._set.universe.tiers} | {NO_TIER})

    def findings(self, case: Case) -> Iterator[Diagnostic]:
        """Every name in the case that the set does not have."""
        place = case.order_place
        for name in case.tripped:
            if name not in self.breakers:
                yield _unknown("breaker", name, self.breakers, place)
        if case.member_of is not None and case.member_of not in self.tiers:
            yield _unknown("tier", case.member_of, self.tiers, place)
        for expected in case.expected:
            yield from self._of(expected)

    def _of(self, expected: Expected) -> Iterator[Diagnostic]:
        wanted = expected.wanted
        lists: tuple[tuple[str, str, Iterable[str] | None, Iterable[str]], ...] = (
            ("reason", "reasons", wanted.reasons, self.reasons),
            ("rule", "resized_by", wanted.resized_by, self.reasons),
            ("rule", "headroom", wanted.headroom, self.reasons),
            ("rule", "rules", wanted.rules, self.rules),
            ("breaker", "tripped", wanted.tripped, self.breakers),
            ("alert", "alerts", wanted.alerts, self.alerts),
            ("enabled strategy", "proposed_by", wanted.proposed_by, self.strategies),
            ("tier", "tier", _one(wanted.tier), self.tiers),
            ("regime", "regime", _one(wanted.regime), {each.value for each in Regime}),
            ("fact", "missing", wanted.missing, self._set.vocabulary),
        )
        for kind, part, names, known in lists:
            for index, name in enumerate(names or ()):
                if name not in known:
                    below = name if part in ("headroom", "rules", "alerts") else index
                    place = expected.place(part, below)
                    yield _unknown(kind, name, known, place)


def _one(name: str | None) -> tuple[str, ...] | None:
    return None if name is None else (name,)


def _unknown(kind: str, name: str, known: Iterable[str], place: Place) -> Diagnostic:
    near = nearest(name, known)
    listed = ", ".join(sorted(known)[:5])
    mend = f"did you mean `{near}`?" if near else f"it has, among others: {listed}"
    return Diagnostic("M716", f"the set has no {kind} {quoted(name)}", place, mend)
