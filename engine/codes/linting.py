"""The catalogue, M313-M328, M339, M342-M344, M366-M374: what lint finds in numbers and names.

Each document is well formed, and what it says cannot happen, or says it twice.
"""

from __future__ import annotations

from engine.codes.code import Code

LINTING_CODES: tuple[Code, ...] = (
    Code(
        "M313",
        "number in another unit than its name",
        "The end of a name is its unit: a fraction in a `_pct` is a hundredth of what was meant.",
        "size_pct: 0.025",
    ),
    Code(
        "M314",
        "rule that is always true or never true",
        "With the ranges of its facts and these numbers the answer is settled beforehand.",
        "require: abs(position.pnl_pct) >= params.least_pct with least_pct: 0",
    ),
    Code(
        "M315",
        "text that names nothing",
        "A comparison with a group, strategy or product that does not exist is never true.",
        'group.name == "L2" where the universe has LAYER2',
    ),
    Code(
        "M316",
        "group that does not meet",
        "A group without assets, or without a number of its own, is not limited as it reads.",
        "groups: {MEME: []}",
    ),
    Code(
        "M317",
        "tier that stays empty",
        "A product belongs to the first tier that it fits, and all fit an earlier one.",
        "a tier from 80 M USD after one from 5 M USD",
    ),
    Code(
        "M318",
        "target below the round trip",
        "Fees and spread take more than the target brings.",
        "target_pct: 0.5 with fees of 40 bps each way",
    ),
    Code(
        "M319",
        "exit plan that undoes itself",
        "One part is always met before the other, which therefore says nothing.",
        "trailing_pct: 3 with stop_pct: 4",
    ),
    Code(
        "M320",
        "waiver without an end",
        "An exception that lasts is a rule, and nobody reviewed it as one.",
        'from: "2026-01-01T00:00:00Z" with until: "2036-01-01T00:00:00Z"',
    ),
    Code(
        "M321",
        "threshold repeated instead of referred to",
        "Whoever changes one of the two leaves the other behind.",
        "an alert at -3 with its own number, beside a breaker at -3",
    ),
    Code(
        "M322",
        "rule of another mode",
        "It counts in no mode in which this set may run.",
        "modes: [live] in a set of mode paper",
    ),
    Code(
        "M323",
        "conviction that is never reached",
        "The strategy never enters, or never or always with its canary size.",
        "min_conviction: 0.8 where conviction is clamp(x, 0, 0.5)",
    ),
    Code(
        "M324",
        "schedule that cannot be kept",
        "Two of its times contradict each other.",
        "interval: 15m with max_interval: 10m",
    ),
    Code(
        "M325",
        "collar beyond the price collar",
        "Orders of this rung are all denied by the limit on prices.",
        "collar_bps: 150 under order.price_vs_mid_bps <= 100",
    ),
    Code(
        "M326",
        "cost budget below the fee",
        "The fee alone is more than an order may cost, so none passes.",
        "max_cost_bps: 50 with taker_bps: 60",
    ),
    Code(
        "M328",
        "times of an alert that do not fit",
        "One of them leaves another without effect.",
        "dedupe: 10m with escalate_after: 2m",
    ),
    Code(
        "M339",
        "size above its own budget",
        "Every order of the strategy is cut to less than it asks for.",
        "size_pct: 5 with budget: {at_risk_pct: 3}",
    ),
    Code(
        "M342",
        "limit that the other numbers never reach",
        "So many positions at their cap, or at most so many symbols, stay below it.",
        "at most 4 positions of at most 3 % under 15 % at risk in all",
    ),
    Code(
        "M343",
        "entry too small for its exit",
        "After the stop and the fee, what is left is below the smallest order of the venue.",
        "an entry of 1.02 USD, a stop of 4 %, and a smallest order of 1 USD",
    ),
    Code(
        "M344",
        "paper account outside the plan",
        "The set is written for other amounts than it is tried with.",
        "cash: {USD: 255} with equity_planned_usd: [5000, 50000]",
    ),
    Code(
        "M366",
        "rung that rests after one that takes",
        "What the earlier rung left in the book was not worth taking; resting comes first.",
        "entry: [{order: limit_ioc, ...}, {order: post_only, ...}]",
    ),
    Code(
        "M367",
        "breaker that another one precedes",
        "When it trips the other has tripped already, and it does no more.",
        "a daily stop at -3 %, and a second one at -5 % with the same effect",
    ),
    Code(
        "M368",
        "named twice in a list",
        "The second says nothing, or was to be something else.",
        "intents: [entry, entry]",
    ),
    Code(
        "M369",
        "switches that undo each other",
        "Live trading is enabled and cannot happen.",
        "live_enabled: true with read_only: true",
    ),
    Code(
        "M370",
        "reference to what is not enforced",
        "A breaker or limit that only watches never trips what waits for it.",
        "when: breaker.daily_stop.tripped, and the breaker is in shadow",
    ),
    Code(
        "M327",
        "alert or breaker that hangs on a position",
        "Without one it cannot be decided: an alert goes on firing, a breaker denies entries.",
        "when: position.pnl_pct <= params.pnl_pct, without `position.managed and`",
    ),
    Code(
        "M330",
        "groups without a listed product",
        "The strategy names nothing else, so it can never trade.",
        "groups: [LAYER2], and the paper venue lists BTC-USD alone",
    ),
    Code(
        "M374",
        "stop before anything has happened",
        "On a quiet account it trips, or denies the first order, and so every other.",
        "trip_when: portfolio.pnl_day_pct <= params.pnl_pct with pnl_pct: 3",
    ),
    Code(
        "M372",
        "alert after the stop",
        "It fires when the breaker on the same measure has tripped already.",
        "an alert at a drawdown of 12 %, and a stop at 10 %",
    ),
)
