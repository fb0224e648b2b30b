"""The policy set: documents that belong together, what they mean, and the one hash over them.

In: built documents. Out: `PolicySet`, immutable: typed documents, the vocabulary that they make,
rules by role, number trees, and the seal. Refuses what only the whole can tell: a missing or
second Deployment, references to nothing, definitions in a circle, rules that sizing cannot use.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from engine.kinds.alert_rule.document import AlertRuleDocument
from engine.kinds.circuit_breaker.document import CircuitBreakerDocument
from engine.kinds.deployment.document import DeploymentDocument
from engine.kinds.execution_policy.document import ExecutionPolicyDocument
from engine.kinds.schedule.document import ScheduleDocument
from engine.kinds.strategy.document import StrategyDocument
from engine.kinds.universe_filter.document import UniverseFilterDocument
from engine.kinds.waiver.document import WaiverDocument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expr.nodes import Node
    from engine.expr.vocabulary import Vocabulary
    from engine.kinds.alert_rule.document import AlertRuleSpec
    from engine.kinds.base import Closed, Document, SourceText
    from engine.kinds.circuit_breaker.document import CircuitBreakerSpec
    from engine.kinds.deployment.document import DeploymentSpec
    from engine.kinds.execution_policy.document import ExecutionPolicySpec
    from engine.kinds.rule import Rule, RuleRole
    from engine.kinds.schedule.document import ScheduleSpec
    from engine.kinds.strategy.document import StrategySpec
    from engine.kinds.universe_filter.document import UniverseFilterSpec
    from engine.kinds.waiver.document import WaiverSpec

_D = TypeVar("_D", bound="Closed")

LANGUAGE_VERSION = "mandate/expression/v1"


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """A document with its canonical bytes and their hash (64 hex digits)."""

    document: Document
    canonical: bytes
    hash: str


@dataclass(frozen=True)  # no slots: the cached properties live in the instance's dict
class PolicySet:
    """A sealed set. `hash` is what every order carries."""

    name: str
    hash: str
    sealed: tuple[SealedDocument, ...]
    vocabulary: Vocabulary
    rules: tuple[Rule, ...]
    values: Mapping[str, Node]

    def of_role(self, role: RuleRole) -> tuple[Rule, ...]:
        """The rules that answer one kind of question, in the order of their ids."""
        return tuple(rule for rule in self.rules if rule.role is role)

    def rule(self, rule_id: str) -> Rule | None:
        """One rule by its id."""
        return self._rules_by_id.get(rule_id)

    def document(self, name: str) -> Document | None:
        """One document by its id, such as `Strategy/momentum`."""
        return self._documents_by_id.get(name)

    @cached_property
    def _rules_by_id(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in reversed(self.rules)}

    @cached_property
    def _documents_by_id(self) -> Mapping[str, Document]:
        return {each.document.id: each.document for each in reversed(self.sealed)}

    @cached_property
    def deployment(self) -> DeploymentSpec:
        """Where and for whom."""
        return self._only(DeploymentDocument).spec

    @cached_property
    def strict_deployment(self) -> DeploymentSpec:
        """The same, where a coin without a price leaves equity unknown."""
        return self.deployment.model_copy(update={"unpriced": "block"})

    @cached_property
    def schedule(self) -> ScheduleSpec:
        """When."""
        return self._only(ScheduleDocument).spec

    @cached_property
    def universe(self) -> UniverseFilterSpec:
        """What may be traded."""
        return self._only(UniverseFilterDocument).spec

    @cached_property
    def execution(self) -> ExecutionPolicySpec:
        """How orders reach the venue."""
        return self._only(ExecutionPolicyDocument).spec

    @cached_property
    def strategies(self) -> tuple[tuple[str, StrategySpec], ...]:
        """What is wanted: enabled strategies by name."""
        named = self._all(StrategyDocument)
        return tuple((name, each.spec) for name, each in named if each.spec.enabled)

    def source(self, strategy: str) -> SourceText:
        """The source of a Python strategy; raises KeyError where there is none."""
        for each in self.sealed:
            if each.document.id == f"Strategy/{strategy}" and each.document.source is not None:
                return each.document.source
        raise KeyError(strategy)

    @cached_property
    def breakers(self) -> tuple[tuple[str, CircuitBreakerSpec], ...]:
        """States that stop trading, by name."""
        return tuple((name, each.spec) for name, each in self._all(CircuitBreakerDocument))

    @cached_property
    def alerts(self) -> tuple[tuple[str, AlertRuleSpec], ...]:
        """What a person must hear, by name."""
        return tuple((name, each.spec) for name, each in self._all(AlertRuleDocument))

    @cached_property
    def waivers(self) -> tuple[tuple[str, WaiverSpec], ...]:
        """Temporary exceptions, by name."""
        return tuple((name, each.spec) for name, each in self._all(WaiverDocument))

    def _all(self, kind: type[_D]) -> tuple[tuple[str, _D], ...]:
        return tuple(
            (each.document.name, each.document.content)
            for each in self.sealed
            if isinstance(each.document.content, kind)
        )

    def _only(self, kind: type[_D]) -> _D:
        # INVARIANT: composition refused a set in which there is not exactly one.
        ((_, only),) = self._all(kind)
        return only
