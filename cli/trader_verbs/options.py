"""Options that several verbs of `trader` share, and what they accept."""

from __future__ import annotations

import logging
import sys
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from engine.adapters.system.clock import SystemClock
from engine.observe.log import ROOT, LogForm, install
from engine.observe.scrub import Scrubber


def _number(text: str) -> Decimal:
    """A Decimal of what was typed: a number that passed through a float is another number."""
    try:
        return Decimal(text)
    except InvalidOperation:
        message = f"`{text}` is not a number"
        raise ValueError(message) from None


LedgerOption = Annotated[
    str,
    typer.Option("--ledger", metavar="DIR", help="The ledger: its directory, or postgresql://…"),
]

CeilingsOption = Annotated[
    Path | None,
    typer.Option("--ceilings", metavar="FILE", help="Hard maxima that no policy set can raise."),
]

SpreadOption = Annotated[
    Decimal | None,
    typer.Option(
        "--spread-bps",
        metavar="BPS",
        parser=_number,
        help="Derive quotes from bars, bid and ask so far apart.",
    ),
]
DepthOption = Annotated[
    Decimal | None,
    typer.Option(
        "--depth",
        metavar="UNITS",
        parser=_number,
        help="Quote currency shown at each side of derived quotes.",
    ),
]
ShadowOption = Annotated[
    Path | None,
    typer.Option("--shadow", metavar="DIR", help="A second set, asked about the same orders."),
]


class OutputFormat(Enum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[
    OutputFormat, typer.Option("--format", help="Text to read, or JSON for programs.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]


def quiet_log(*, shown: bool) -> None:
    """Send the log to stderr, scrubbed, when `shown`; else nowhere: the text tells the same."""
    ours = logging.getLogger(ROOT)
    ours.propagate = shown
    ours.handlers = [] if shown else [logging.NullHandler()]
    if shown:
        install(sys.stderr, Scrubber(()), LogForm.TEXT, SystemClock())
