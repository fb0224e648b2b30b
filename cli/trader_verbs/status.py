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
)
from cli.trader_verbs.status_json import status_json
from cli.trader_verbs.status_page import status_page
from engine.model.times import duration_s
from engine.run.ledgers import LedgerView
from engine.run.status import status_of

WatchOption = Annotated[
    bool, typer.Option("--watch", help="Stay, and show it anew as it changes; Ctrl-C leaves.")
]
EveryOption = Annotated[
    int,
    typer.Option("--every", metavar="DURATION", parser=duration_s, help="How often to look."),
]


def status(
    *,
    ledger: LedgerOption,
    watch: WatchOption = False,
    every: EveryOption = "1s",  # type: ignore[assignment]  # Typer parses a default too
    output: FormatOption = OutputFormat.TEXT,
) -> ExitCode:
    """Say where a trader stands: state, breakers, positions, limits, money.

    With `--watch` on a terminal the screen stays and lives; in a pipe it is printed once.
    """
    view = LedgerView.open(ledger)
    as_json = output is OutputFormat.JSON
    if watch and as_json:
        typer.echo("trader status: a screen is not JSON: ask for one of the two", err=True)
        return ExitCode.USAGE
    if watch and _watched(view, every):
        return ExitCode.FINE
    found = status_of(view)
    typer.echo(status_json(found) if as_json else status_page(found), nl=False)
    return ExitCode.FINE


def _watched(view: LedgerView, every: int) -> bool:
    """Show the screen until it is left; False where there is no terminal for one."""
    from cli.trader_verbs.console.watching import can_watch, watch  # noqa: PLC0415 - a pipe does not pay for rich

    if not can_watch(sys.stdout):
        return False
    watch(view, sys.stdout, every)
    return True
