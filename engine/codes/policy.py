"""The catalogue, M3xx: what a document says, alone and together with the others.

M300-M329 its shape, M330 and above its meaning.
"""

from __future__ import annotations

from engine.codes.code import Code

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

POLICY_CODES: tuple[Code, ...] = (*_SHAPE,)
