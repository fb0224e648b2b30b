"""`trader reconcile`: the whole account against the ledger, now, and told in full.

In: a ledger; where nobody runs it, the way to its venue. Out: a page: what agrees, what differs,
and what to do about it. Exit status 1 when something differs. With a loop at work the loop reads,
under its own lock; without one this command does, under the same lock.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.asking import WhoOption, confirmed, one_line
from cli.trader_verbs.options import (
    AuthorityOption,
    LedgerOption,
    SecretsOption,
    VenueOption,
    YesOption,
    quiet_log,
)
from cli.trader_verbs.reading_page import reading_page
from engine.adapters.environment import user_name
from engine.adapters.system.clock import SystemClock
from engine.cycle.clockwork import REBUILD, Command
from engine.run import VenueSettings
from engine.run.accounts import Answered, check_loop, ordered
from engine.run.ledgers import LedgerView

_READING = "a reading was asked for"


def reconcile(  # noqa: PLR0913 - the options of the verb
    *,
    ledger: LedgerOption,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Read every fill since the genesis again.")
    ] = False,
    resend: Annotated[
        int | None,
        typer.Option("--resend", metavar="INTENT", min=1, help="Send an unknown order once more."),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record.")] = "",
    who: WhoOption = "",
    venue: VenueOption = None,
    venue_ca: AuthorityOption = None,
    secrets: SecretsOption = None,
    yes: YesOption = False,
) -> ExitCode:
    """Compare orders, fills, fees and balances with the ledger now; 1 when something differs.

    `--resend` sends one order of unknown fate once more, and only where the venue was seen to
    return the old order under a repeated id (`trader doctor --probe-duplicate-id`).
    """
    quiet_log(shown=False)
    view = LedgerView.open(ledger)
    person, why = who or user_name(), one_line(reason)
    if resend is not None:
        return _resend(view, resend, person, why, yes=yes)
    command = Command("reconcile", REBUILD if rebuild else "", person, why or _READING)
    if view.holder() is not None:
        answer = asyncio.run(ordered(view, command, SystemClock()))
    else:
        answer = _visited(view, command, VenueSettings(venue, venue_ca, secrets))
    typer.echo(reading_page(answer), nl=False)
    agrees = answer.reading is not None and answer.outcome == "nothing differs"
    return ExitCode.FINE if agrees else ExitCode.FINDINGS


def _visited(view: LedgerView, command: Command, venue: VenueSettings) -> Answered:
    """Nobody runs the ledger: the account is read from here, under its lock."""
    # What speaks to a venue is imported by whoever speaks to one.
    from engine.run.real_time.reading import read  # noqa: PLC0415 - see above

    return read(view, command, venue)


def _resend(view: LedgerView, intent: int, who: str, why: str, *, yes: bool) -> ExitCode:
    check_loop(view)
    if not why:
        typer.echo("trader reconcile: say why with `--reason`, for the record", err=True)
        return ExitCode.USAGE
    if not confirmed(f"send the order of intent {intent} once more, under the same id?", yes=yes):
        return ExitCode.FINDINGS
    command = Command("resend", str(intent), who, why)
    answer = asyncio.run(ordered(view, command, SystemClock()))
    typer.echo(f"intent {intent}: {answer.outcome}")
    return ExitCode.FINE if answer.outcome == "sent" else ExitCode.FINDINGS
