"""The command `trader`: everything that runs, watches or asks a running trader.

To add a verb: a row here, and `cli/trader_verbs/<verb>.py` with a function of that name whose
annotated parameters are its options, whose docstring is its help, and which returns an
`ExitCode`. Words with verbs of their own (`trader audit show`) are a `Group`.
"""

from __future__ import annotations

import sys

from cli.main import run
from cli.verbs import Command, Group, Verb

_AUDIT = "cli.trader_verbs.audit"
_REPORT = "cli.trader_verbs.report"
_HANDS = "cli.trader_verbs.hands"
_SILENCE = "cli.trader_verbs.silence"

TRADER = Command(
    "trader",
    "Run a policy set, watch it, and act by hand.",
    (
        Verb("run", "Run a policy set, recorded or in real time.", "cli.trader_verbs.run"),
        Verb("record", "Write a synthetic market to run on.", "cli.trader_verbs.record"),
        Verb("status", "Say where a trader stands.", "cli.trader_verbs.status"),
        Verb("dashboard", "Show it in a browser; it can halt.", "cli.trader_verbs.dashboard"),
        Verb("listen", "Take in what people tap in notices.", "cli.trader_verbs.listen"),
        Verb("doctor", "Say what is armed, missing, tripped and near.", "cli.trader_verbs.doctor"),
        Verb("why", "Say what stood in a product's way.", "cli.trader_verbs.why"),
        Verb("halt", "Throw the kill switch.", _HANDS),
        Verb("resume", "Take the kill switch away, and end a halt.", _HANDS),
        Verb("rearm", "Let a tripped breaker go.", _HANDS),
        Verb("cancel-all", "Cancel every working order.", _HANDS),
        Verb("reload", "Take another policy set while it runs.", "cli.trader_verbs.reload"),
        Verb("approve", "Say yes to an order that waits for it.", "cli.trader_verbs.approve"),
        Verb("refuse", "Say no to an order that waits for a yes.", "cli.trader_verbs.approve"),
        Verb("tighten", "Take risk away for a stated time.", "cli.trader_verbs.tighten"),
        Verb("liquidate", "Sell one product, or everything.", _HANDS),
        Verb("watchdog", "Cancel entries when the loop falls silent.", "cli.trader_verbs.watchdog"),
        Verb("reconcile", "Compare the whole account now.", "cli.trader_verbs.reconcile"),
        Verb("flow", "Say what was paid in or out.", "cli.trader_verbs.flow"),
        Verb("venue", "Serve a paper Coinbase on loopback.", "cli.trader_verbs.venue"),
        Verb("ack", "Say that you have seen what fires.", _SILENCE),
        Group(
            "silence",
            "Tell nobody of an alert for a while.",
            (
                Verb("add", "Silence an alert for a stated time.", _SILENCE),
                Verb("list", "Show the silences that last.", _SILENCE),
                Verb("expire", "End a silence before its time.", _SILENCE),
            ),
        ),
        Group(
            "alert",
            "See that alerts reach somebody.",
            (Verb("test", "Send a test to each route.", "cli.trader_verbs.alert"),),
        ),
        Group(
            "audit",
            "Ask the ledger what it holds, and if it is whole.",
            (
                Verb("verify", "Follow the chain; name the first bad record.", _AUDIT),
                Verb("rejudge", "Decide every decision again.", _AUDIT),
                Verb("show", "Tell the story of one order.", _AUDIT),
                Verb("export", "Write records for other programs.", _AUDIT),
            ),
        ),
        Group(
            "report",
            "Say what the ledger means in money.",
            (
                Verb("day", "One day: what it did, what it came to.", _REPORT),
                Verb("pnl", "Results of what was sold, by product.", _REPORT),
                Verb("fills", "Every execution, and what was behind it.", _REPORT),
                Verb("fees", "What executions cost, by product.", _REPORT),
                Verb("execution", "What was intended, against the fills.", _REPORT),
                Verb("shadow", "Where a second set differed, and its cost.", _REPORT),
                Verb("lots", "Every lot: bought, sold, held.", _REPORT),
            ),
        ),
    ),
)


def main() -> None:
    """Run the command with the words of the command line."""
    raise SystemExit(run(TRADER, sys.argv[1:]))
