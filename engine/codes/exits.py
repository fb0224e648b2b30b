"""The catalogue, M375-M379: whether a position can be left, and what sells by itself."""

from __future__ import annotations

from engine.codes.code import Code

EXIT_CODES: tuple[Code, ...] = (
    Code(
        "M377",
        "sale that a gap in the data could decide",
        "What trims and purges must be shown to be met by selling, and by facts that are there.",
        "trim: {after: 1h, at_least_pct: 10} on `default(position.pct, 100) <= params.max_pct`",
    ),
)
