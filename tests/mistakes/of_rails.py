"""Mistakes that undo a rail: in shadow, of another mode, for some orders only."""

from __future__ import annotations

from mistakes.mistake import (
    ALERT,
    BREAK,
    DEP,
    EXEC,
    NEW_LIMIT,
    POSITION,
    RISK,
    VALUE,
    Mistake,
    more,
)

RAILS = (  # what must be there, and what undoes it
    Mistake(
        "the kill switch in shadow",
        BREAK + "kill_switch.yaml",
        "stage: enforce",
        "stage: shadow",
        "M345",
        DEP + "::mode:",
    ),
    Mistake(
        "the daily stop as a warning",
        BREAK + "daily_stop.yaml",
        "stage: enforce",
        "stage: warn",
        "M345",
        DEP + "::mode:",
    ),
    Mistake(
        "the order value for entries only",
        VALUE,
        "[entry, add]",
        "[entry]",
        "M345",
        DEP + "::mode:",
    ),
    Mistake(
        "the collar on paper only",
        RISK + "price_collar.yaml",
        "  intents",
        "  modes: [dry_run, paper]\n  intents",
        "M345",
        DEP + "::mode:",
    ),
    Mistake(
        "a stop that waits for what is in shadow",
        BREAK + "daily_stop.yaml",
        "stage: enforce",
        "stage: shadow",
        "M370",
        ALERT + "daily_stop_hit.yaml::when",
    ),
    Mistake(
        "a control that is claimed twice and kept never",
        RISK + "max_executions.yaml",
        "stage: enforce",
        "stage: shadow",
        "M346",
        "control",
    ),
    Mistake(
        "a limit of live trading in a set of paper",
        VALUE,
        "  intents",
        "  modes: [live]\n  intents",
        "M322",
        "require",
    ),
    Mistake(
        "a halt that sells",
        BREAK + "daily_stop.yaml",
        "while_tripped: reducing",
        "while_tripped: halted",
        "M312",
        "spec:",
    ),
    Mistake(
        "a drawdown that recovers by waiting",
        BREAK + "drawdown_stop.yaml",
        "reset: {rearm: {not_before: 24h, high_water_mark: reset}}",
        "reset: next_utc_day",
        "M363",
        "trip_when",
    ),
    Mistake(
        "a limit that holds exits",
        POSITION,
        "[entry, add]",
        "[entry, add, exit]",
        "M341",
        "require",
    ),
    Mistake(
        "a spread guard that holds exits",
        EXEC,
        "    - name: spread\n      intents: [entry, add]",
        "    - name: spread\n      intents: [entry, add, exit]",
        "M375",
        "require: quote.spread_bps",
    ),
    Mistake(
        "a smaller order that is refused",
        NEW_LIMIT,
        "",
        more("floor", "order.notional_usd >= params.a_usd", "a_usd: 20").replace(
            "on_breach: deny", "on_breach: resize"
        ),
        "M340",
        "require",
    ),
    Mistake(
        "live trading enabled on paper", DEP, "live_enabled: false", "live_enabled: true", "M369"
    ),
    Mistake(
        "enabled and read-only",
        "policies/live/policyset.yaml",
        "live_enabled: false",
        "live_enabled: true",
        "M369",
        "read_only",
        base="live",
    ),
)
