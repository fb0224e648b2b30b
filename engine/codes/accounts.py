"""The catalogue, M415-M424: the account at the venue, and what a person says of it."""

from __future__ import annotations

from engine.codes.code import Code

ACCOUNT_CODES: tuple[Code, ...] = (
    Code(
        "M415",
        "not an amount of a currency",
        "What was paid in or out is booked in units of a currency. A sign belongs to the word: a "
        "withdrawal of -500 could be read as a deposit.",
        "trader flow withdrawal -500 usd",
    ),
)
