"""The ten kinds, by the name that a document writes. A new kind is one folder and one line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.kinds.alert_rule import document as alert_rule
from engine.kinds.alert_rule import lower as alert_rule_lower
from engine.kinds.circuit_breaker import document as circuit_breaker
from engine.kinds.circuit_breaker import lower as circuit_breaker_lower
from engine.kinds.deployment import document as deployment
from engine.kinds.deployment import lower as deployment_lower
from engine.kinds.execution_policy import document as execution_policy
from engine.kinds.execution_policy import lower as execution_policy_lower
from engine.kinds.lowering import Meaning
from engine.kinds.policy_set import document as policy_set
from engine.kinds.risk_limit import document as risk_limit
from engine.kinds.risk_limit import lower as risk_limit_lower
from engine.kinds.schedule import document as schedule
from engine.kinds.strategy import document as strategy
from engine.kinds.strategy import lower as strategy_lower
from engine.kinds.universe_filter import document as universe_filter
from engine.kinds.universe_filter import lower as universe_filter_lower
from engine.kinds.waiver import document as waiver
from engine.kinds.waiver import lower as waiver_lower

if TYPE_CHECKING:
    from engine.kinds.base import Closed


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its document class, what it means, and whether a set has exactly one."""

    document: type[Closed]
    meaning: Meaning
    single: bool = False


KINDS: dict[str, Kind] = {
    "PolicySet": Kind(policy_set.PolicySetDocument, Meaning()),
    "Deployment": Kind(deployment.DeploymentDocument, deployment_lower.MEANING, single=True),
    "RiskLimit": Kind(risk_limit.RiskLimitDocument, risk_limit_lower.MEANING),
    "CircuitBreaker": Kind(circuit_breaker.CircuitBreakerDocument, circuit_breaker_lower.MEANING),
    "UniverseFilter": Kind(
        universe_filter.UniverseFilterDocument, universe_filter_lower.MEANING, single=True
    ),
    "Strategy": Kind(strategy.StrategyDocument, strategy_lower.MEANING),
    "ExecutionPolicy": Kind(
        execution_policy.ExecutionPolicyDocument, execution_policy_lower.MEANING, single=True
    ),
    "AlertRule": Kind(alert_rule.AlertRuleDocument, alert_rule_lower.MEANING),
    "Schedule": Kind(schedule.ScheduleDocument, Meaning(), single=True),
    "Waiver": Kind(waiver.WaiverDocument, waiver_lower.MEANING),
}
