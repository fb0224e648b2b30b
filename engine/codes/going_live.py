"""Codes of going live: what a set must say before it may, and the orders that a person is asked."""

from __future__ import annotations

from engine.codes.code import Code

GOING_LIVE_CODES = (
    Code(
        "M941",
        "the Deployment does not say what must be shown",
        "How many days, fills and quiet hours a stage asks for are numbers that decide about "
        "money, so they stand in a reviewed document: the `going_live` of the Deployment.",
        "trader doctor --go-live canary --policies policies/live --ledger runs/live",
    ),
)
