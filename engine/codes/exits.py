"""The catalogue, M375-M378: whether a position can be left, and what sells by itself."""

from __future__ import annotations

from engine.codes.code import Code

EXIT_CODES: tuple[Code, ...] = (
    Code(
        "M375",
        "rule that can deny an exit for ever",
        "Limits and guards change how an exit is ordered; what they deny it stays in.",
        "intents: [entry, exit] with require: order.notional_usd >= params.min_usd",
    ),
    Code(
        "M376",
        "exit that may rest for ever",
        "A market that runs away is followed and never met by an order that only rests.",
        "exit: [{order: post_only, time_to_live: 60s}]",
    ),
    Code(
        "M377",
        "trim or purge that cannot be",
        "What sells by itself is shown to be met by selling, on facts that are there.",
        "trim: {after: 1h, at_least_pct: 10} on `default(position.pct, 100) <= params.max_pct`",
    ),
    Code(
        "M378",
        "exit plan that cannot come about",
        "A trail that no price reaches, or blindness beyond the longest hold, protects nobody.",
        "exit: {stop_pct: 3, max_hold: 1h, blind_exit_after: 2h}",
    ),
)
