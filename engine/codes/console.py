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
    Code(
        "M921",
        "a dashboard for others",
        "The page shows positions and has a button that stops trading. It is served to this "
        "machine alone; a tunnel brings it to another, encrypted and with a login of its own.",
        "trader dashboard --ledger runs/demo --at 0.0.0.0:8765",
    ),
    Code(
        "M922",
        "a key that could be guessed",
        "Whoever has the key reads the account and can stop it. A key that a person made up is "
        "tried out in an afternoon.",
        "DASHBOARD_KEY=letmein trader dashboard --ledger runs/demo",
    ),
    Code(
        "M923",
        "the dashboard cannot be served",
        "The address is taken, or is none of this machine.",
        "trader dashboard --ledger runs/demo --at 127.0.0.1:80",
    ),
)
