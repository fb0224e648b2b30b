"""`trader status`: what is armed, what is tripped, what is held, and how much room is left.

In: a ledger, also one that a trader is writing. Out: a page, or one JSON object.
"""

from __future__ import annotations

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.options import (
    FormatOption,
    LedgerOption,
    OutputFormat,
)
from cli.trader_verbs.status_json import status_json
from cli.trader_verbs.status_page import status_page
from engine.run.ledgers import LedgerView
from engine.run.status import status_of


def status(*, ledger: LedgerOption, output: FormatOption = OutputFormat.TEXT) -> ExitCode:
    """Say where a trader stands: state, breakers, positions, limits, money."""
    found = status_of(LedgerView.open(ledger))
    as_json = output is OutputFormat.JSON
    typer.echo(status_json(found) if as_json else status_page(found), nl=False)
    return ExitCode.FINE
