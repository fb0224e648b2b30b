"""The catalogue, M920-M939: the console, in a terminal and in a browser."""

from __future__ import annotations

from engine.codes.code import Code

CONSOLE_CODES: tuple[Code, ...] = (
    Code(
        "M920",
        "no ledger below",
        "All accounts of a place are asked at once. A place without any is a mistake in its name: "
        "an empty list would read as if all were well.",
        "trader status --all --ledger runs/nothing",
    ),
)
