"""Trims: the limits of a set that bring a holding back, compiled to be asked of a holding.

In: a policy set and a mode. Out: one `Trim` for each enforced limit that says `trim`: whether a
holding passes after selling so much of it. A regime that nobody can tell is a missing fact here,
since only facts may sell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expr.backends.closure import compile_motor
from engine.expr.facts import Regime
from engine.kinds.risk_limit.document import RiskLimitDocument
from engine.kinds.rule import RuleRole, Stage
from engine.model.orders import Intent, Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.expr.backends.closure import Motor
    from engine.expr.nodes import Value
    from engine.kinds.risk_limit.document import Trim as TrimSpec
    from engine.kinds.rule import Rule
    from engine.kinds.waiver.document import WaiverSpec
    from engine.model.orders import Mode
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

_REGIME = "regime.name"
_SELLING: dict[str, Value] = {"order.side": Side.SELL.value, "order.intent": Intent.TRIM.value}


@dataclass(frozen=True, slots=True)
class Trim:
    """One limit that trims; `holds` are its waivers whose end leaves a position as it is."""

    rule: str
    spec: TrimSpec
    motor: Motor
    holds: tuple[tuple[str, WaiverSpec], ...]

    def verdict(self, facts: Mapping[str, Value], sizes: Mapping[str, Value]) -> bool | None:
        """Whether the holding is within the limit once so much is sold."""
        known = {**facts, **_SELLING, **sizes}
        if known.get(_REGIME) == Regime.UNKNOWN.value:
            del known[_REGIME]
        return self.motor.evaluate(known).verdicts[0]

    def held_by_waiver(self, symbol: Symbol, now: UtcTime) -> dict[str, Value]:
        """The facts under which a waiver that is over, and says `hold`, would still count."""
        return {
            f"waiver.{name}.active": True
            for name, waiver in self.holds
            if waiver.until <= now
            and (not waiver.scope.symbols or str(symbol) in waiver.scope.symbols)
        }


def compiled_trims(policy_set: PolicySet, mode: Mode) -> tuple[Trim, ...]:
    """Every trim that counts in this mode, in the order of the rules."""
    return tuple(
        Trim(
            rule.id,
            spec,
            compile_motor([rule.tree], policy_set.vocabulary),
            tuple(
                (name, waiver)
                for name, waiver in policy_set.waivers
                if waiver.rule == rule.id and waiver.at_end == "hold"
            ),
        )
        for rule, spec in _trimming(policy_set, mode)
    )


def _trimming(policy_set: PolicySet, mode: Mode) -> Iterator[tuple[Rule, TrimSpec]]:
    specs = {
        each.document.id: each.document.content.spec.trim
        for each in policy_set.sealed
        if isinstance(each.document.content, RiskLimitDocument)
    }
    for rule in policy_set.of_role(RuleRole.LIMIT):
        spec = specs.get(rule.document)
        if spec is not None and rule.stage is Stage.ENFORCE and mode in rule.modes:
            yield rule, spec
