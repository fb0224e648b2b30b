"""Mistakes in sizes, exit plans, ladders and times."""

from __future__ import annotations

from mistakes.mistake import (
    ALERT,
    DEP,
    EXEC,
    MOM,
    NEW_LIMIT,
    POSITION,
    SCHED,
    SMALL,
    UNI,
    Mistake,
    waiver,
)

SIZES = (  # A4: no order of any size
    Mistake(
        "a small account under the limits of a large one",
        DEP,
        "[5000, 50000]",
        "[255, 500]",
        "M353",
        POSITION + "::require",
    ),
    Mistake(
        "a minimum order above the largest position",
        EXEC,
        "min_order_usd: 15",
        "min_order_usd: 2000",
        "M348",
        "order.notional_usd >=",
    ),
    Mistake(
        "a minimum that a bear market never reaches",
        EXEC,
        "min_order_usd: 15",
        "min_order_usd: 120",
        "M353",
        POSITION + "::require",
    ),
    Mistake(
        "a minimum above what is asked for in a bear market",
        EXEC,
        "min_order_usd: 15",
        "min_order_usd: 80",
        "M354",
        MOM + "::  size_pct:",
        base="recorded",
    ),
    Mistake(
        "a canary below the minimum",
        MOM,
        "size_ratio: 0.5",
        "size_ratio: 0.05",
        "M354",
        "canary",
        base="recorded",
    ),
    Mistake(
        "a cap times a share below the minimum",
        SMALL,
        "bull: 12, chop: 10, bear: 6, crash: 0, unknown: 6",
        "bull: 2, chop: 1.6, bear: 1.6, crash: 0, unknown: 1.6",
        "M353",
        POSITION + "::require",
        base="small",
    ),
    Mistake(
        "a venue's minimum that the exit does not meet",
        DEP,
        "quote_min_size: 1}",
        "quote_min_size: 89.9}",
        "M343",
        POSITION + "::require",
    ),
    Mistake(
        "paper money that the set is not written for",
        DEP,
        "cash: {USD: 10000}",
        "cash: {USD: 255}",
        "M344",
    ),
    Mistake("a budget below one position", MOM, "at_risk_pct: 9", "at_risk_pct: 1", "M339"),
)

PLANS = (
    Mistake("a target that the fees eat", MOM, "target_pct: 8", "target_pct: 0.7", "M318"),
    Mistake("a target that fees and spread eat", MOM, "target_pct: 8", "target_pct: 1.2", "M318"),
    Mistake("a trailing stop inside the stop", MOM, "trailing_pct: 5", "trailing_pct: 2", "M319"),
    Mistake("a stop inside the spread", MOM, "stop_pct: 4", "stop_pct: 0.3", "M319"),
    Mistake("a stop of all that was paid", MOM, "stop_pct: 4", "stop_pct: 100", "M319"),
    Mistake(
        "a conviction that the weights never reach",
        MOM,
        "      0,\n      1\n",
        "      0,\n      0.25\n",
        "M323",
        "min_conviction",
    ),
    Mistake(
        "a canary below the least conviction",
        MOM,
        "below_conviction: 0.45",
        "below_conviction: 0.25",
        "M323",
    ),
    Mistake("more confirmations than signals", MOM, "at_least(1,", "at_least(3,", "M213", "entry:"),
    Mistake("a tier twice", MOM, "[major, middle, minor]", "[major, middle, middle]", "M312"),
    Mistake(
        "the widest tier first",
        UNI,
        "{enter_volume_usd: 80000000, max_spread_bps: 20, min_depth_usd: 100000}",
        "{enter_volume_usd: 5000000, max_spread_bps: 50, min_depth_usd: 10000}",
        "M317",
        "- name: middle+1",
    ),
    Mistake(
        "an entry at any price",
        EXEC,
        "      - {order: limit_ioc, collar_bps: 30}",
        "      - {order: market_ioc}",
        "M360",
    ),
    Mistake(
        "an entry that rests after it took",
        EXEC,
        "      - {order: post_only, time_to_live: 15s}\n      - {order: limit_ioc, collar_bps: 30}",
        "      - {order: limit_ioc, collar_bps: 30}\n      - {order: post_only, time_to_live: 15s}",
        "M366",
        "collar_bps: 30}+1",
    ),
    Mistake("an entry beyond the collar", EXEC, "collar_bps: 30", "collar_bps: 300", "M325"),
    Mistake(
        "a cost budget below the fee", EXEC, "major: 70", "major: 55", "M326", "collar_bps: 30"
    ),
    Mistake(
        "a stop that gives up", EXEC, "      - {order: market_ioc}\n", "", "M361", "collar_bps: 400"
    ),
    Mistake("a stop that narrows", EXEC, "collar_bps: 400", "collar_bps: 100", "M361"),
    Mistake(
        "a stop that rests first",
        EXEC,
        "    exit_stop:\n",
        "    exit_stop:\n      - {order: post_only, time_to_live: 15s}\n",
        "M312",
        "exit_stop|ladders:",
    ),
)

TIMES = (
    Mistake(
        "a waiver that has ended",
        NEW_LIMIT,
        "",
        waiver(
            "RiskLimit/max_position", "max_position_pct: 6", begin="2025-01-01", until="2025-02-01"
        ),
        "M359",
        "until",
    ),
    Mistake(
        "a waiver for ten years",
        NEW_LIMIT,
        "",
        waiver("RiskLimit/max_position", "max_position_pct: 6", until="2036-01-01"),
        "M320",
        "until",
    ),
    Mistake(
        "a waiver that ends before it begins",
        NEW_LIMIT,
        "",
        waiver("RiskLimit/max_position", "max_position_pct: 6", until="2025-12-01"),
        "M312",
        "spec:",
    ),
    Mistake(
        "a ban that is over",
        UNI,
        "{symbol: DAI-USD, reason: a",
        '{symbol: DAI-USD, until: "2025-01-01T00:00:00Z", reason: a',
        "M358",
    ),
    Mistake(
        "a window without length",
        SCHED,
        "  skip_silence",
        '  maintenance: [{days: [sun], from: "02:00", to: "02:00", zone: UTC}]\n  skip_silence',
        "M324",
        "maintenance",
    ),
    Mistake(
        "a zone that is none",
        SCHED,
        "  skip_silence",
        '  maintenance: [{days: [sun], from: "02:00", to: "03:00", zone: Berlin}]\n  skip_silence',
        "M312",
        "maintenance",
    ),
    Mistake(
        "an hour that is none",
        SCHED,
        "  skip_silence",
        '  maintenance: [{days: [sun], from: "24:30", to: "03:00", zone: UTC}]\n  skip_silence',
        "M307",
        "maintenance",
    ),
    Mistake(
        "a back-off that comes closer", SCHED, "max_interval: 10m", "max_interval: 30s", "M324"
    ),
    Mistake(
        "a silence shorter than a cycle",
        SCHED,
        "skip_silence_over: 6h",
        "skip_silence_over: 30s",
        "M324",
    ),
    Mistake(
        "an alert longer than its memory",
        ALERT + "engine_failing.yaml",
        "  severity",
        "  for: 30m\n  severity",
        "M328",
    ),
    Mistake(
        "an alert silent while it escalates",
        ALERT + "daily_stop_hit.yaml",
        "dedupe: 60s",
        "dedupe: 1h",
        "M328",
    ),
    Mistake(
        "an alert that fires on a quiet day",
        ALERT + "at_risk_full.yaml",
        "near_ratio: 0.9",
        "near_ratio: 0",
        "M314",
        "when:",
    ),
)
