"""The catalogue, M3xx: what a document says, alone and together with the others.

M300-M312 and M329 its shape, the others its meaning; those of lint are in `linting.py`.
"""

from __future__ import annotations

from engine.codes.code import Code
from engine.codes.exits import EXIT_CODES
from engine.codes.linting import LINTING_CODES
from engine.codes.orders import ORDER_CODES
from engine.codes.wants import WANT_CODES

_SHAPE: tuple[Code, ...] = (
    Code(
        "M300",
        "document is no mapping",
        "A document has an apiVersion, a kind, metadata and a spec.",
        "- max_order_usd: 500",
    ),
    Code(
        "M301",
        "no kind",
        "The kind decides what the rest of the document may say.",
        "metadata: {name: max_order} and no kind",
    ),
    Code(
        "M302",
        "unknown kind",
        "A document of a kind that the engine does not know would never be kept.",
        "kind: RiskLimt",
    ),
    Code(
        "M303",
        "unknown key",
        "A key that the engine does not read is a knob without a wire behind it.",
        "max_ordr_usd: 500",
    ),
    Code(
        "M304",
        "missing key",
        "What bears on safety has no default: the document says it in words.",
        "a RiskLimit without stage",
    ),
    Code(
        "M305",
        "wrong type",
        "A text is not a number even when it looks like one; nothing is converted.",
        'max_order_usd: "500"',
    ),
    Code(
        "M306",
        "not one of the choices",
        "The engine acts on these words and on no other.",
        "stage: enforced",
    ),
    Code(
        "M307",
        "wrong form",
        "Names, durations, instants and products are written in one form each.",
        "time_to_live: 90 seconds",
    ),
    Code(
        "M308",
        "out of range",
        "The value has no meaning outside its range.",
        "jitter_pct: 120",
    ),
    Code(
        "M309",
        "text too short or too long",
        "An empty reason is no reason, and nobody reviews a page.",
        'reason: ""',
    ),
    Code(
        "M310",
        "too few or too many entries",
        "A list or mapping with another number of entries has no meaning here.",
        "intents: []",
    ),
    Code(
        "M311",
        "none of the forms",
        "The value may be written in several forms, and this is none of them.",
        "reset: {soon: true}",
    ),
    Code(
        "M312",
        "parts that do not fit together",
        "Each part is well formed, and together they say something that cannot be.",
        "equity_planned_usd: [5000, 1000]",
    ),
)

_MEANING: tuple[Code, ...] = (
    Code(
        "M331",
        "table over what is no enum",
        "Only a fact with a closed list of values can pick a value from a table.",
        "max_position_pct: {by: quote.spread_bps, bull: 3}",
    ),
    Code(
        "M332",
        "case that never comes",
        "A table's case that its fact never has is a number that never counts.",
        "max_position_pct: {by: regime.name, bul: 3.6, chop: 3, bear: 1.8, crash: 0, unknown: 1.8}",
    ),
    Code(
        "M333",
        "case without a value",
        "A missing case would leave the rule undecided just when that case comes.",
        "max_position_pct: {by: regime.name, bull: 3.6, chop: 3}",
    ),
    Code(
        "M334",
        "parameter that nothing reads",
        "A declared number that no expression uses is a limit that nobody keeps.",
        "params: {max_order_usd: 500, max_ordr_usd: 400}",
    ),
    Code(
        "M335",
        "missing or second document of its kind",
        "A set has exactly one Deployment, Schedule, UniverseFilter and ExecutionPolicy.",
        "a set that includes two files of kind Schedule",
    ),
    Code(
        "M336",
        "definition in a circle",
        "A number that is defined by itself has no value.",
        "a parameter whose table is by a fact that the parameter defines",
    ),
    Code(
        "M337",
        "waiver of no rule",
        "A waiver that names a rule which is not there makes an exception to nothing.",
        "rule: RiskLimit/max_positon",
    ),
    Code(
        "M338",
        "waiver of no parameter",
        "A waiver changes parameters of the rule that it names, and this is none of them.",
        "instead: {params: {max_pct: 6}}",
    ),
    Code(
        "M340",
        "rule that sizing cannot use",
        "Making an order smaller has to help: what refuses a small order may not pass a larger.",
        "require: order.notional_usd >= params.min_usd with on_breach: resize",
    ),
    Code(
        "M341",
        "resizing an order that reduces risk",
        "An exit that is made smaller leaves a position that was to be closed.",
        "intents: [entry, exit] with on_breach: resize",
    ),
)

_LINT: tuple[Code, ...] = (
    Code(
        "M345",
        "missing rail",
        "A set without a maximum order value, a price collar or a daily stop must say so in words.",
        "a set in mode live without a rule on `order.notional_usd`",
    ),
    Code(
        "M346",
        "control that is only claimed",
        "A document that carries a control and is not enforced protects on paper only.",
        "control: C02 with stage: shadow, and no other document with C02",
    ),
    Code(
        "M347",
        "bound that never binds",
        "Another bound on the same measure is met first, so changing this one changes nothing.",
        "open positions at most 8 in one limit, and at most 12 in another",
    ),
    Code(
        "M348",
        "bounds that exclude each other",
        "No order can satisfy both, so nothing is ever traded.",
        "order.notional_usd >= 15 in a guard, order.notional_usd <= 10 in a limit",
    ),
    Code(
        "M349",
        "one measure in two scales",
        "Two bounds that differ by a factor of 100 are most likely percent and fraction.",
        "position.pct_after <= 4 in one limit, and <= 0.04 in another",
    ),
    Code(
        "M350",
        "limit above a limit on something larger",
        "What is part of a whole meets the limit of the whole first.",
        "a position of at most 20 % under 15 % at risk in all",
    ),
    Code(
        "M351",
        "count that a shorter window never allows",
        "The cap of the hour, repeated all day, stays below the cap of the day.",
        "at most 120 orders a day under at most 3 an hour",
    ),
    Code(
        "M352",
        "sum of group caps against the total",
        "Below the total, the total never binds; above it, not all groups may be full at once.",
        "themes that add up to 40 % under 25 % at risk in all",
    ),
    Code(
        "M353",
        "no possible order size",
        "The smallest order that one rule asks for is above the largest that another allows.",
        "a minimum order of 15 USD, and 3 % of 255 USD per position",
    ),
    Code(
        "M354",
        "strategy that asks for too little",
        "What it asks for is below the smallest order, so it never trades.",
        "size_pct: 1 at 500 USD of equity, and a minimum order of 15 USD",
    ),
    Code(
        "M355",
        "unknown tier",
        "A strategy for a tier that the universe does not have never trades there.",
        "tiers: [majr]",
    ),
    Code(
        "M356",
        "currency without a rate",
        "An order in a currency that nobody can value cannot be held against any limit.",
        "quote_currencies: [USD, EUR] and no rate for EUR",
    ),
    Code(
        "M357",
        "route to nobody",
        "An alert that is delivered nowhere wakes nobody.",
        "route: pager",
    ),
    Code(
        "M358",
        "exclusion without effect",
        "It excludes what is not traded anyway, or its time is over.",
        "exclude: [{symbol: LUNA-EUR, ...}] in a universe of USD",
    ),
    Code(
        "M359",
        "expired waiver",
        "Expired it has no effect, and it reads as if it had.",
        'until: "2025-01-01T00:00:00Z"',
    ),
    Code(
        "M360",
        "entry at any price",
        "Nothing forces an entry, so it always has a bound on its price.",
        "entry: [{order: market_ioc}]",
    ),
    Code(
        "M361",
        "stop that may stay in",
        "A stop widens until it is out, and ends without a bound.",
        "exit_stop: [{order: limit_ioc, collar_bps: 150}, {order: limit_ioc, collar_bps: 50}]",
    ),
    Code(
        "M362",
        "rule that could stop a trim",
        "A limit or guard that names trims or purges can keep what should be made smaller.",
        "intents: [entry, trim] with on_breach: deny",
    ),
    Code(
        "M363",
        "reset that waits for trading",
        "While it is tripped nothing is traded, so what only trading changes stays as it is.",
        "trip_when: portfolio.drawdown_pct >= params.max_pct with reset: {after: 1h}",
    ),
    Code(
        "M364",
        "regime that nobody can tell",
        "The reference product is not listed at the venue, so the regime stays unknown.",
        "reference: BTC-EUR beside paper products in USD",
    ),
    Code(
        "M365",
        "group facts without a group",
        "Only a limit of group scope is asked once for each group; elsewhere it is undecided.",
        "scope: portfolio with require: portfolio.group_pct_after <= params.max_pct",
    ),
)

POLICY_CODES: tuple[Code, ...] = (
    *_SHAPE,
    *_MEANING,
    *_LINT,
    *LINTING_CODES,
    *EXIT_CODES,
    *WANT_CODES,
    *ORDER_CODES,
)
