"""The catalogue, M2xx: what is refused or questioned in an expression.

M201-M215 its grammar, M220-M230 its meaning where it stands, M280-M286 evaluating it by hand.
The examples up to M230 are expressions, and a test holds that each earns its code.
"""

from __future__ import annotations

from engine.codes.code import Code

_GRAMMAR: tuple[Code, ...] = (
    Code(
        "M201",
        "expression too large",
        "A rule is read by people in a review; what is longer than 512 characters, 64 parts or "
        "12 levels is several rules, and unbounded text is a way to attack a parser.",
        "- - - - - - - - - - - - - quote.bid < params.x",
    ),
    Code(
        "M202",
        "empty expression",
        "An empty rule would let everything pass or nothing, and no reader could tell which.",
        "() and quote.crossed",
    ),
    Code(
        "M204",
        "character outside the language",
        "Letters that look alike and marks that cannot be seen would make two rules of one text.",
        "quote.age_s < params.max_age_s # seconds",
    ),
    Code(
        "M205",
        "operator outside the language",
        "The operators of other languages look like ours and mean something else: `=` would "
        "assign, `%` would divide.",
        "quote.crossed = false",
    ),
    Code(
        "M206",
        "word outside the language",
        "The words are `and or not in if else true false`; all others belong to programs.",
        "quote.crossed is False",
    ),
    Code(
        "M207",
        "number in another spelling",
        "A number has one spelling, so that a reviewer and a hash see the same one.",
        "order.notional_usd <= 1e5",
    ),
    Code(
        "M208",
        "malformed text",
        "Text is printable ASCII on one line, in quotes; prefixes and joined texts are Python's.",
        'order.symbol == "BTC" "-USD"',
    ),
    Code(
        "M209",
        "wrong or unmatched bracket",
        "Only round brackets exist, and each is closed: values have no parts to take out.",
        'order.symbol in ["BTC-USD", "ETH-USD"]',
    ),
    Code(
        "M210",
        "not an expression",
        "Values and operators take turns; where they do not, what was meant is a guess.",
        "quote.bid quote.ask",
    ),
    Code(
        "M211",
        "malformed name",
        "Names are lower-case words joined by dots, so that one fact has one name.",
        "Quote.Spread_bps < params.x",
    ),
    Code(
        "M212",
        "unknown function",
        "Only the listed pure functions can be called; values have no methods.",
        "round(quote.bid) < params.x",
    ),
    Code(
        "M213",
        "wrong arguments",
        "A function's arguments are checked when the set is loaded, not when an order waits.",
        "clamp(quote.bid, 1) < params.x",
    ),
    Code(
        "M214",
        "malformed choices",
        "Behind `in` stands a list of literals in brackets or one set of texts, never a text to "
        "search in.",
        'order.symbol in "BTC-USD"',
    ),
    Code(
        "M215",
        "membership in a chain",
        "`a < b in (1, 2)` means in Python what nobody expects it to.",
        "params.x < order.quantity in (1, 2)",
    ),
)

_MEANING: tuple[Code, ...] = (
    Code(
        "M203",
        "unknown fact",
        "A rule on a fact that nobody supplies would be undecided for ever.",
        "quote.spred_bps <= params.max_spread_bps",
    ),
    Code(
        "M220",
        "types do not fit",
        "A number is not a flag and text is not a number; reading one as the other hides a slip.",
        "order.quantity and quote.crossed",
    ),
    Code(
        "M221",
        "units do not fit",
        "Dollars against basis points, or percent against a ratio, is a limit wrong by a factor "
        "of a hundred or more.",
        "quote.spread_bps <= params.max_pct",
    ),
    Code(
        "M222",
        "no unit for a product or quotient",
        "What has no unit cannot be checked against anything.",
        "portfolio.equity_usd * params.max_pct > order.notional_usd",
    ),
    Code(
        "M223",
        "not what is wanted here",
        "A rule is a question, a size is a number.",
        "quote.spread_bps",
    ),
    Code(
        "M224",
        "not a value of the enum",
        "A comparison with a value that no producer emits is never true.",
        'regime.name == "bullish"',
    ),
    Code(
        "M225",
        "never varies",
        "A rule that is always true protects nothing, one that is always false stops everything, "
        "and one that is never decided stops every entry.",
        "quote.crossed or true",
    ),
    Code(
        "M226",
        "threshold written into the rule",
        "In `params` a number has a name and a unit, and overlays, sweeps and diffs see it.",
        "quote.spread_bps <= 25",
    ),
    Code(
        "M227",
        "threshold of an unlikely size",
        "Percent written as a fraction is the commonest slip in a limit.",
        "position.pct_after <= 0.03",
    ),
    Code(
        "M228",
        "fact not at hand",
        "A breaker of the account has no quote to look at: which symbol's would it be?",
        "quote.age_s <= params.max_age_s",
    ),
    Code(
        "M229",
        "fact not in this mode",
        "A rule that needs what only live trading has says `modes: [live]`.",
        "venue.clock_skew_ms <= params.max_skew_ms",
    ),
    Code(
        "M230",
        "no order",
        "Texts and flags are equal or not; none is larger.",
        'order.symbol < "BTC-USD"',
    ),
)

_BY_HAND: tuple[Code, ...] = (
    Code(
        "M280",
        "unknown backend",
        "The meanings of the language have names, and there is no other.",
        "policy eval --backend pandas",
    ),
    Code(
        "M281",
        "not defined in this backend",
        "A backend says what it cannot evaluate, rather than answer something near it.",
        "an operation that the backend gives no meaning to",
    ),
    Code(
        "M282",
        "stated fact of another type",
        "A text in place of a number is a mistake in the facts, not a missing fact.",
        '{"quote.age_s": "5"}',
    ),
    Code(
        "M283",
        "malformed line",
        "Each line of a batch is one JSON object with `expr`, `facts` and perhaps `backend`.",
        '{"expression": "quote.age_s < 5"}',
    ),
    Code(
        "M284",
        "fact neither known nor stated",
        "It counts as missing, which is seldom what was meant where facts are stated by hand.",
        "my.fact < 5 over {}",
    ),
    Code(
        "M285",
        "a list is no answer",
        "A set of texts is asked with `in`; by itself it is neither true nor a number.",
        "asset.groups",
    ),
    Code(
        "M286",
        "malformed facts",
        "A file of facts is one JSON object that states each fact once.",
        '{"quote.age_s": 1,}',
    ),
)

EXPRESSION_CODES: tuple[Code, ...] = (*_GRAMMAR, *_MEANING, *_BY_HAND)
