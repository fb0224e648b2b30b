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
    Code(
        "M416",
        "no account to visit",
        "A paper account that lives in the trader's own process, or in a recording, ends with it: "
        "there is nothing to read from outside.",
        "trader reconcile --ledger runs/demo, while nobody runs it",
    ),
    Code(
        "M417",
        "no probe",
        "A probe sends orders that no judge approved, so it goes only where a reviewed policy "
        "says how dear and how near to the market it may be, and never while trading is stopped.",
        "trader doctor --probe-duplicate-id with a kill switch thrown",
    ),
    Code(
        "M418",
        "nobody to send again",
        "An order is sent again by the loop that holds its market and its limits, or not at all.",
        "trader reconcile --resend 12, while nobody runs the ledger",
    ),
    Code(
        "M419",
        "no answer of the loop",
        "The command lies where the loop finds it, and the loop has not carried it out in time. "
        "It may be stopped, or busy; what it does with it is in the ledger.",
        "trader reconcile beside a trader that was suspended",
    ),
)
