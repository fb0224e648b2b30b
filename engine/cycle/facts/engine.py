"""Facts of the engine itself, and of our own data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.expr.nodes import Value
    from engine.model.times import UtcTime

_FAILURE_WINDOW_S = 600
_PERCENTILE = 0.99
_S_PER_D = 86_400


def engine_facts(desk: Desk, now: UtcTime, *, killed: bool) -> dict[str, Value]:
    """`engine.*`: mode, switches, and how the last cycles went."""
    failures = [each for each in desk.failures if now.since_s(each) < _FAILURE_WINDOW_S]
    facts: dict[str, Value] = {
        "engine.kill_switch": killed,
        "engine.halted": desk.state.halted is not None,
        "engine.ledger_ok": desk.recorder.healthy,
        "engine.ledger_lag_s": desk.ledger_lag_s(),
        "engine.read_only": desk.policy_set.deployment.read_only,
        "engine.mode": desk.mode.value,
        "engine.stage": desk.policy_set.deployment.stage,
        "engine.policy_reload_failed": desk.state.reload.refused is not None,
        "engine.exceptions_10m_count": float(len(failures)),
        "engine.clock_drift_ms": desk.clock_drift_ms(),
        "engine.cycle_s": 0.0,
        "engine.cycle_p99_s": 0.0,
    }
    durations = sorted(desk.cycle_durations)
    if durations:
        facts["engine.cycle_s"] = desk.cycle_durations[-1]
        facts["engine.cycle_p99_s"] = durations[int(_PERCENTILE * (len(durations) - 1))]
    drifted = desk.policy_drifted()
    if drifted is not None:
        facts["engine.policy_drift"] = drifted
    created = desk.secret_created()
    if created is not None:
        facts["engine.secret_age_d"] = max(0.0, now.since_s(created)) / _S_PER_D
    return facts


def data_facts(desk: Desk, now: UtcTime, *, eligible: int | None) -> dict[str, Value]:
    """`data.*` of the account."""
    facts: dict[str, Value] = {}
    # What has not settled is neither agreement nor a difference yet.
    if desk.unread is None and (desk.state.mismatches or not desk.comparing.settling):
        facts["data.reconcile_mismatch_count"] = float(desk.state.mismatches)
    if eligible is not None:
        facts["data.eligible_count"] = float(eligible)
    if desk.health.account_read is not None:
        facts["data.account_age_s"] = max(0.0, now.since_s(desk.health.account_read))
    return facts
