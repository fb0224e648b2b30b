"""Options that several verbs of `trader` share, and what they accept."""

from __future__ import annotations

import logging
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

LedgerOption = Annotated[
    str, typer.Option("--ledger", metavar="DIR", help="The ledger's directory.")
]

CeilingsOption = Annotated[
    Path | None,
    typer.Option("--ceilings", metavar="FILE", help="Hard maxima that no policy set can raise."),
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
    """Send the log to stderr when `shown`; else nowhere, since the text tells the same."""
    root = logging.getLogger("mandate")
    root.handlers = [logging.StreamHandler(sys.stderr) if shown else logging.NullHandler()]
    root.propagate = False
