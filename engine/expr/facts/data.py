"""Facts of our own data, of the engine itself, and of the clock."""

from __future__ import annotations

from engine.expr.facts.building import Source
from engine.expr.units import Unit
from engine.expr.vocabulary import Absence, FactScope, FactSpec
from engine.model.orders import Mode

_DATA = Source(FactScope.ACCOUNT, "cycle.facts.engine")
_SYMBOL = Source(FactScope.SYMBOL, "cycle.steps.snapshot")
_ENGINE = Source(FactScope.ACCOUNT, "cycle.facts.engine")
_CLOCK = Source(FactScope.VENUE, "cycle.facts.clock")


def _since_start(name: str, unit: Unit, sentence: str) -> FactSpec:
    return _ENGINE.number(
        name, unit, sentence, absence=Absence.NEVER_HAPPENED, first_value=0.0, low=0
    )


STAGES = ("supervised", "canary", "full")
"""The stages of a deployment, from the least to the most trust."""

DATA_FACTS: tuple[FactSpec, ...] = (
    _SYMBOL.number("data.bars_age_s", Unit.S, "time since the last completed bar closed", low=0),
    _DATA.number("data.account_age_s", Unit.S, "age of the last account reading", low=0),
    _DATA.number("data.eligible_count", Unit.COUNT, "symbols that the universe lets in", low=0),
    _DATA.number(
        "data.reconcile_mismatch_count",
        Unit.COUNT,
        "differences between ledger and venue at the last reconciliation",
        low=0,
    ),
)

ENGINE_FACTS: tuple[FactSpec, ...] = (
    _since_start("engine.cycle_s", Unit.S, "length of the last cycle"),
    _since_start("engine.cycle_p99_s", Unit.S, "99th percentile of the last hundred cycles"),
    _since_start(
        "engine.exceptions_10m_count", Unit.COUNT, "failures inside the engine in ten minutes"
    ),
    _ENGINE.flag("engine.ledger_ok", "whether every record is durable"),
    _since_start(
        "engine.ledger_lag_s",
        Unit.S,
        "how long a shared ledger has not held what the journal does; 0 when it does, or none is"
        " shared, or no real time passes",
    ),
    _ENGINE.number("engine.clock_drift_ms", Unit.MS, "wall clock less monotonic clock since start"),
    _ENGINE.number(
        "engine.secret_age_d",
        Unit.D,
        "age of the oldest credential in use; unknown where nobody says when it was made",
        modes=frozenset({Mode.LIVE}),
        low=0,
    ),
    _ENGINE.flag("engine.kill_switch", "whether the kill switch is thrown"),
    _ENGINE.flag("engine.halted", "whether a halt is recorded that nobody has ended yet"),
    _ENGINE.flag("engine.read_only", "whether orders are forbidden by the deployment"),
    _ENGINE.flag(
        "engine.policy_drift",
        "whether the policy directory makes another set than the one that runs, or none; looked at"
        " when a run begins and, where time is real, every minute",
    ),
    _ENGINE.flag(
        "engine.policy_reload_failed",
        "whether another set was to be taken and was refused, and nothing has mended it since: a"
        " good one, or the running one back in the policy directory",
    ),
    _ENGINE.enum("engine.stage", "how far the deployment is trusted", STAGES),
    _ENGINE.enum("engine.mode", "how real trading is", tuple(each.value for each in Mode)),
)

CLOCK_FACTS: tuple[FactSpec, ...] = (
    _CLOCK.number("clock.weekday_utc", Unit.COUNT, "1 Monday to 7 Sunday", low=1, high=7),
    _CLOCK.number("clock.hour_utc", Unit.COUNT, "hour of the day, 0 to 23", low=0, high=23),
)
