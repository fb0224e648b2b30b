"""What each field of a policy document is about, and which of its values are the safer ones.

In: a kind and the path of a value. Out: a `Meaning`: whether the field bears on what may be done,
on how one is protected, on what strategies want, or on words alone; and its safer direction. A
field without a row is unknown, and a test holds that every field of every kind has one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class Question(Enum):
    """What a field bears on."""

    PERMISSION = "permission"
    PROTECTION = "protection"
    WANTS = "wants"  # shown by simulation
    WORDS = "words"


class Safer(Enum):
    """Which of two values is the safer one."""

    PROVED = "proved"  # the solver says it, over all states
    LOWER = "lower"
    HIGHER = "higher"
    FALSE = "false"
    MORE = "more"  # of a list's members
    GROUPS = "groups"  # an asset in one group more, as `grouping.py` has it
    WINDOWS = "windows"  # more minutes of a week
    RANKED = "ranked"  # as the row lists them, the weakest first
    RESET = "reset"  # a person before midnight, midnight before a while; later before sooner
    STATED = "stated"  # no value is safer by itself


class Absent(Enum):
    """What it is that a field is not there."""

    WEAKEST = "weakest"
    STRONGEST = "strongest"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One field. What is proved has no direction but that of its absence, where one is stated."""

    question: Question
    safer: Safer = Safer.STATED
    absent: Absent = Absent.UNKNOWN
    ranked: tuple[str, ...] = ()


UNKNOWN = Meaning(Question.PERMISSION)
"""A field that nobody declared."""

_PROVED = Meaning(Question.PERMISSION, Safer.PROVED)
_ALLOWS = Meaning(Question.PERMISSION)
_GUARDS = Meaning(Question.PROTECTION)
_WANTS = Meaning(Question.WANTS)
_WORDS = Meaning(Question.WORDS)


def _protects(
    safer: Safer, absent: Absent = Absent.UNKNOWN, ranked: tuple[str, ...] = ()
) -> Meaning:
    return Meaning(Question.PROTECTION, safer, absent, ranked)


def _permits(safer: Safer, ranked: tuple[str, ...] = ()) -> Meaning:
    return Meaning(Question.PERMISSION, safer, ranked=ranked)


_LOWER, _HIGHER = (_protects(each) for each in (Safer.LOWER, Safer.HIGHER))
_WATCHED = _protects(Safer.PROVED)
_SOONER = _protects(Safer.LOWER, Absent.WEAKEST)
_SHOWN = _protects(Safer.HIGHER, Absent.WEAKEST)
_SMALLER_EXTRA = _protects(Safer.LOWER, Absent.STRONGEST)
_EXIT = {
    "stop_pct": _LOWER,
    "target_pct": _SOONER,
    "trailing_pct": _SOONER,
    "max_hold": _SOONER,
    "blind_exit_after": _LOWER,
}
_RULE = {
    "intents": _PROVED,
    "modes": _PROVED,
    "require": _PROVED,
    "on_breach": _PROVED,
    "minimum": _PROVED,
    "stage": _PROVED,
}
_REGIMES = ("crash_when", "bear_when", "bull_when")
_RESET = _protects(Safer.RESET)
_MONEY = Meaning(Question.PERMISSION)

FIELDS: dict[str, dict[str, Meaning]] = {
    "Deployment": {
        "mode": _permits(Safer.RANKED, ("live", "paper", "dry_run")),
        "venue": _ALLOWS,
        "account.*": _ALLOWS,
        "read_only": _PROVED,
        "live_enabled": _permits(Safer.FALSE),
        "stage": _permits(Safer.RANKED, ("full", "canary", "supervised")),
        "numeraire": _MONEY,
        "rates.*.value": _MONEY,
        "rates.*.source": _WORDS,
        "equity_planned_usd": _WORDS,
        "holdings_not_ours": _MONEY,
        **{f"adopt.exit.{name}": each for name, each in _EXIT.items()},
        "unpriced": _MONEY,
        "liquidate_into": _GUARDS,
        "fees.*": _permits(Safer.HIGHER),
        "regime.**": _PROVED,
        "on_ledger_outage.do": _protects(Safer.RANKED, ranked=("go_on_locally", "halt_entries")),
        "on_ledger_outage.after": _protects(Safer.LOWER, Absent.STRONGEST),
        # Whoever takes over, and whoever calls back, does it sooner.
        "lease": _LOWER,
        "watchdog.silence": _SOONER,
        "alerting.routes.*.through": _GUARDS,
        "alerting.routes.*.resend": _LOWER,
        "alerting.routes.*.timeout": _GUARDS,
        "alerting.routes.*.secret": _GUARDS,
        "alerting.routes.*.escalates_to": _GUARDS,
        "alerting.look_every": _LOWER,
        "alerting.group.wait": _LOWER,
        "alerting.group.lines": _WORDS,
        "alerting.retry.*": _LOWER,
        "alerting.give_up_after": _HIGHER,
        "alerting.test_every": _LOWER,
        "alerting.executions": _GUARDS,
        "alerting.links.last_for": _protects(Safer.LOWER, Absent.STRONGEST),
        "alerting.links.*": _GUARDS,
        "alerting.summary.*": _WORDS,
        "supervision.modes": _protects(Safer.MORE, Absent.WEAKEST),
        "supervision.answer_within": _SOONER,
        "supervision.asked_again_after": _GUARDS,
        "supervision.price_move_bps": _SOONER,
        "supervision.route": _GUARDS,
        "going_live.*.ran": _SHOWN,
        "going_live.*.unchanged": _SHOWN,
        "going_live.*.quiet": _SHOWN,
        "going_live.*.fills": _SHOWN,
        "going_live.silence": _SOONER,
        "going_live.fee_above_bps": _SOONER,
        "going_live.brake_tried": _SOONER,
        "going_live.key_age": _SOONER,
        "paper.**": _WANTS,
    },
    "RiskLimit": {
        "scope": _PROVED,
        **_RULE,
        "params.**": _PROVED,
        "trim.after": _SOONER,
        "trim.at_least_pct": _SOONER,
        "unlimited": _PROVED,
        "reason": _WORDS,
    },
    "CircuitBreaker": {
        "scope": _permits(Safer.RANKED, ("symbol", "venue", "account")),
        "trip_when": _PROVED,
        "params.**": _PROVED,
        "modes": _PROVED,
        "while_tripped": _PROVED,
        "cancel": _protects(Safer.RANKED, ranked=("none", "entries", "all")),
        "on_trip": _protects(Safer.RANKED, ranked=("none", "exit_all")),
        "reset": _RESET,
        "stage": _PROVED,
    },
    "UniverseFilter": {
        "quote_currencies": _PROVED,
        "tiers.order of names": _PROVED,
        "tiers.*.require": _PROVED,
        "tiers.*.stay": _PROVED,
        "tiers.*.params.**": _PROVED,
        "params.**": _PROVED,
        "leave_after": _PROVED,
        "on_undecided": _PROVED,
        "groups.*": Meaning(Question.PERMISSION, Safer.GROUPS),
        "exclude.*.reason": _WORDS,
        "exclude.*.until": _PROVED,
        "exclude.order of names": _PROVED,
        "purge.after": _SOONER,
        "purge.slice_pct": _protects(Safer.HIGHER, Absent.WEAKEST),
        "purge.every": _SOONER,
        "max_symbols": _PROVED,
    },
    "Strategy": {
        "enabled": _WANTS,
        "tiers": _WANTS,
        "symbols": _WANTS,
        "groups": _WANTS,
        "signals.*": _WANTS,
        "entry": _WANTS,
        "conviction": _WANTS,
        "python.**": _WANTS,
        "min_conviction": _WANTS,
        "source": _WANTS,
        "params.**": _WANTS,
        "canary.below_conviction": _protects(Safer.HIGHER, Absent.WEAKEST),
        "canary.size_ratio": _SOONER,
        "size_pct": _WATCHED,
        "add.when": _WANTS,
        "add.size_pct": _protects(Safer.PROVED, Absent.STRONGEST),
        "add.max_adds_count": _SMALLER_EXTRA,
        "add.below_water": _protects(Safer.FALSE, Absent.STRONGEST),
        **{f"exit.{name}": each for name, each in _EXIT.items()},
        "exit.when": _WATCHED,
        "exit.applies_to_open": _protects(Safer.FALSE),
        "budget.at_risk_pct": _PROVED,
    },
    "ExecutionPolicy": {
        "ladders.entry.*.order": _GUARDS,
        "ladders.entry.*.collar_bps": _LOWER,
        "ladders.entry.*.time_to_live": _LOWER,
        "ladders.*.*.order": _GUARDS,
        "ladders.*.*.collar_bps": _HIGHER,
        "ladders.*.*.time_to_live": _LOWER,
        "guards.order of names": _WORDS,
        **{f"guards.*.{name}": each for name, each in _RULE.items()},
        "params.**": _PROVED,
        "unknown_orders.quarantine": _HIGHER,
        "reconcile.scan_every": _LOWER,
        "reconcile.look_back": _HIGHER,
        "reconcile.settles_within_s": _LOWER,
        "reconcile.slack.*": _LOWER,
        "reconcile.accept_transfers_usd": _LOWER,
        "reconcile.probe.**": _GUARDS,
    },
    "AlertRule": {
        "scope": _GUARDS,
        "when": _WATCHED,
        "params.**": _WATCHED,
        "modes": _protects(Safer.MORE),
        "for": _protects(Safer.LOWER, Absent.STRONGEST),
        "keep_firing_for": _protects(Safer.HIGHER, Absent.WEAKEST),
        "severity": _protects(Safer.RANKED, ranked=("info", "warning", "critical")),
        "dedupe": _LOWER,
        "escalate_after": _SOONER,
        "route": _GUARDS,
    },
    "Schedule": {
        "interval": _LOWER,
        "jitter_pct": _LOWER,
        "back_off.*": _LOWER,
        "maintenance": _permits(Safer.WINDOWS),
        "skip_silence_over": _WANTS,
    },
    "Waiver": {
        "rule": _PROVED,
        "scope.*": _PROVED,
        "instead.params.**": _PROVED,
        "reason": _WORDS,
        "approved_by": _WORDS,
        "from": _PROVED,
        "until": _PROVED,
        "at_end": _protects(Safer.RANKED, ranked=("hold", "trim")),
    },
}
"""By kind and by the path inside `spec`: `*` is one step of it, `**` any number, the first row
that fits counts."""


_CARRIED: dict[str, tuple[str, ...]] = {
    "Deployment": tuple(f"regime.{each}" for each in (*_REGIMES, "params.**")),
    "RiskLimit": ("scope", *_RULE, "params.**", "unlimited"),
    "CircuitBreaker": ("trip_when", "params.**", "modes", "stage"),
    "UniverseFilter": ("tiers.*.require", "tiers.*.stay", "tiers.*.params.**", "params.**"),
    "Strategy": (
        "signals.*",
        "entry",
        "conviction",
        "params.**",
        "size_pct",
        "add.when",
        "add.size_pct",
        "exit.when",
        "budget.at_risk_pct",
    ),
    "ExecutionPolicy": (
        "guards.order of names",
        *(f"guards.*.{each}" for each in _RULE),
        "params.**",
    ),
    "AlertRule": ("when", "params.**", "modes"),
    "Waiver": ("instead.params.**",),
}
"""Fields whose whole effect is in rules and numbers of the set."""


def carried_by_rules(kind: str, path: tuple[str, ...]) -> bool:
    """Whether the set's rules and numbers say all that a value does."""
    steps = list(path[1:] if path[:1] == ("spec",) else path)
    return any(_fits(row.split("."), steps) for row in _CARRIED.get(kind, ()))


def meaning_of(kind: str, path: tuple[str, ...]) -> Meaning:
    """What a value is about; `UNKNOWN` where no row fits."""
    if path[:1] == ("metadata",):
        return _WORDS
    row = row_of(kind, path)
    return UNKNOWN if row is None else FIELDS[kind][row]


@lru_cache(maxsize=4096)
def row_of(kind: str, path: tuple[str, ...]) -> str | None:
    """The row that a path falls under."""
    steps = list(path[1:] if path[:1] == ("spec",) else path)
    return next((row for row in FIELDS.get(kind, {}) if _fits(row.split("."), steps)), None)


def _fits(row: list[str], steps: list[str]) -> bool:
    if not row or not steps:
        return not row and not steps
    if row[0] == "**":
        return True
    return row[0] in {"*", steps[0]} and _fits(row[1:], steps[1:])
