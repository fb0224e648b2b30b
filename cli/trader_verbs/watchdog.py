"""`trader watchdog`: a process of its own that cancels our entries when the loop falls silent.

In: a ledger, whose set in force says how long a silence may be, and the way to the venue with a key
of its own. Out: a line for everything that it does, until it is stopped. Refuses what
`engine.run.real_time.watchdog` refuses.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.options import (
    AuthorityOption,
    LedgerOption,
    SecretsOption,
    VenueOption,
    duration,
    quiet_log,
)
from engine.adapters.system.clock import SystemClock
from engine.run.ledgers import LedgerView
from engine.run.real_time.watchdog import watch_over
from engine.run.settings import VenueSettings


def watchdog(
    *,
    ledger: LedgerOption,
    silence: Annotated[
        int | None,
        typer.Option(
            "--silence",
            metavar="DURATION",
            parser=duration,
            help="A shorter silence than the set in force says, such as `30s`.",
        ),
    ] = None,
    venue: VenueOption = None,
    venue_ca: AuthorityOption = None,
    secrets: SecretsOption = None,
) -> ExitCode:
    """Cancel our entries at the venue when the loop stops beating; leave ways out alone.

    How long a silence may be is said in the Deployment: `watchdog: {silence: 60s}`. Give it a key
    of its own, without the right to transfer: it cancels, and can send no order.
    """
    settings = VenueSettings(venue, venue_ca, secrets)
    asked_s = None if silence is None else float(silence)
    watch = watch_over(LedgerView.open(ledger), asked_s, settings, _tell)
    quiet_log(shown=False, hidden=watch.hidden)
    _tell(f"watching {ledger}: entries are cancelled after {watch.silence_s:g} s without a beat")
    watch.run()
    _tell("stopped")
    return ExitCode.FINE


def _tell(words: str) -> None:
    sys.stdout.write(f"{SystemClock().now()} {words}\n")
    sys.stdout.flush()
