"""Codes of going live: what a set must say before it may, and the orders that a person is asked."""

from __future__ import annotations

from engine.codes.code import Code

GOING_LIVE_CODES = (
    Code(
        "M940",
        "nobody would be asked",
        "Live trading in stage supervised asks a person about each order that adds risk. The "
        "Deployment must say how: `supervision` with `live` among its modes.",
        "trader run --policies policies/live, with stage: supervised and no supervision",
    ),
    Code(
        "M941",
        "the Deployment does not say what must be shown",
        "How many days, fills and quiet hours a stage asks for are numbers that decide about "
        "money, so they stand in a reviewed document: the `going_live` of the Deployment.",
        "trader doctor --go-live canary --policies policies/live --ledger runs/live",
    ),
    Code(
        "M942",
        "no such question",
        "A yes or a no is about an order that a run has asked about and that nobody has answered "
        "yet. Whose time is over was answered by silence.",
        "trader approve 7 --ledger runs/live",
    ),
    Code(
        "M943",
        "nobody would hear the question",
        "Orders wait for a yes. Without a person at the terminal of the run somebody must be told "
        "on a route that leaves the process, or every order would end in silence.",
        "trader run --policies policies/live < /dev/null, with supervision.route: log",
    ),
)
