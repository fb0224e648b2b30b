"""The options of `policy simulate`, and what they accept."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from cli.trader_verbs.options import number
from engine.model.orders import Mode

QuotesOption = Annotated[
    list[Path],
    typer.Option(
        "--quotes", metavar="FILE", help="A recording, or a directory of them; again for more."
    ),
]
AgainstOption = Annotated[
    str | None,
    typer.Option(
        "--against", metavar="REV", help="The same under another set: a folder or a revision."
    ),
]
JsonOption = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write everything as JSON; `-` is stdout."),
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="Write a page to open.")
]
BaselineOption = Annotated[
    Path | None,
    typer.Option("--baseline", metavar="FILE", help="The JSON that figures are held against."),
]
ToleranceOption = Annotated[
    list[str],
    typer.Option(
        "--tolerance", metavar="FIGURE=N[%]", help="How far one may be from the baseline."
    ),
]
SinceOption = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="The first cycle: a day, or UTC.")
]
UntilOption = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help="The last cycle: a day, or UTC.")
]
EquityOption = Annotated[
    Decimal | None,
    typer.Option("--equity", metavar="UNITS", parser=number, help="What the account has."),
]
ModeOption = Annotated[
    Mode | None, typer.Option("--mode", help="Paper, unless only deciding is asked for.")
]
PrescreenOption = Annotated[
    bool,
    typer.Option("--prescreen", help="Leave out cycles that change nothing: the same, sooner."),
]
LatencyOption = Annotated[
    float, typer.Option("--latency", metavar="SECONDS", help="How long an order takes.")
]
StressOption = Annotated[
    int, typer.Option("--stress", metavar="TIMES", help="So many times the messages, volume.")
]
