"""The ten kinds, by the name that a document writes. A new kind is one folder and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.kinds.alert_rule.document import AlertRuleDocument
from engine.kinds.circuit_breaker.document import CircuitBreakerDocument
from engine.kinds.deployment.document import DeploymentDocument
from engine.kinds.execution_policy.document import ExecutionPolicyDocument
from engine.kinds.policy_set.document import PolicySetDocument
from engine.kinds.risk_limit.document import RiskLimitDocument
from engine.kinds.schedule.document import ScheduleDocument
from engine.kinds.strategy.document import StrategyDocument
from engine.kinds.universe_filter.document import UniverseFilterDocument
from engine.kinds.waiver.document import WaiverDocument

if TYPE_CHECKING:
    from pydantic import BaseModel

KINDS: dict[str, type[BaseModel]] = {
    document.KIND: document
    for document in (
        PolicySetDocument,
        DeploymentDocument,
        RiskLimitDocument,
        CircuitBreakerDocument,
        UniverseFilterDocument,
        StrategyDocument,
        ExecutionPolicyDocument,
        AlertRuleDocument,
        ScheduleDocument,
        WaiverDocument,
    )
}
