"""`trader status`: what is armed, what is tripped, what is held, and how much room is left.

In: a ledger, also one that a trader is writing. Out: a page, one JSON object, or a screen that
lives until it is left; with `--all` a line for each of several ledgers.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.options import (
    FormatOption,
    LedgerOption,
    OutputFormat,
    duration,
)
from cli.trader_verbs.status_all import all_json, all_page, asked_all
from cli.trader_verbs.status_json import status_json
from cli.trader_verbs.status_page import status_page
from engine.adapters.system.clock import SystemClock
from engine.run.ledgers import LedgerView
from engine.run.several import ledgers_in
from engine.run.status import status_of

WatchOption = Annotated[
    bool, typer.Option("--watch", help="Stay, and show it anew as it changes; Ctrl-C leaves.")
]
EveryOption = Annotated[
    int,
    typer.Option("--every", metavar="DURATION", parser=duration, help="How often to look."),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="A line for each ledger below `--ledger`, or at its server.")
]


def status(
    *,
    ledger: LedgerOption,
    everyone: AllOption = False,
    watch: WatchOption = False,
    every: EveryOption = "1s",  # type: ignore[assignment]  # Typer parses a default too
    output: FormatOption = OutputFormat.TEXT,
) -> ExitCode:
    """Say where a trader stands: state, breakers, positions, limits, money.

    With `--watch` on a terminal the screen stays and lives; in a pipe it is printed once.
    With `--all` each trader has a line, and the exit status is 1 where one could not be read.
    """
    as_json = output is OutputFormat.JSON
    if watch and (as_json or everyone):
        typer.echo("trader status: `--watch` shows one trader, and no JSON", err=True)
        return ExitCode.USAGE
    if everyone:
        return _all(ledger, as_json=as_json)
    view = LedgerView.open(ledger)
    if watch and _watched(view, every):
        return ExitCode.FINE
    found = status_of(view)
    typer.echo(status_json(found) if as_json else status_page(found), nl=False)
    return ExitCode.FINE


def _all(place: str, *, as_json: bool) -> ExitCode:
    asked = asked_all(ledgers_in(place))
    told = all_json(asked) if as_json else all_page(asked, SystemClock().now())
    typer.echo(told, nl=False)
    read = all(each.status is not None for each in asked)
    return ExitCode.FINE if read else ExitCode.FINDINGS


def _watched(view: LedgerView, every: int) -> bool:
    """Show the screen until it is left; False where there is no terminal for one."""
    from cli.trader_verbs.console.watching import can_watch, watch  # noqa: PLC0415 - a pipe does not pay for rich

    if not can_watch(sys.stdout):
        return False
    watch(view, sys.stdout, every)
    return True
