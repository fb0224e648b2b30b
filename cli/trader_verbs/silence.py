"""`trader silence add`, `list`, `expire` and `trader ack`: a person's word about alerts.

In: a ledger, a reason, a person. Out: a command that the loop records with who and why. A silence
stops telling, and nothing else: what a rule does is recorded, breakers trip, and exits go on.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

import orjson
import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.alerts_json import silence_json, silences_of
from cli.trader_verbs.alerts_page import silence_rows
from cli.trader_verbs.asking import (
    ReasonOption,
    WhoOption,
    confirmed,
    drop,
    one_line,
    tell,
)
from cli.trader_verbs.options import (
    FormatOption,
    LastingOption,
    LedgerOption,
    OutputFormat,
    YesOption,
)
from cli.trader_verbs.shown import columns
from engine.adapters.environment import user_name
from engine.adapters.system.clock import SystemClock
from engine.cycle.alerting.hands import EVERY
from engine.cycle.clockwork import Command
from engine.model.times import duration_text
from engine.run.accounts import ordered
from engine.run.hearing import check_firing, check_rule, silence_named
from engine.run.ledgers import LedgerView
from engine.run.status import status_of

AlertArgument = Annotated[
    str, typer.Argument(metavar="ALERT", help="A rule; or RULE:PRODUCT, as `status` names it.")
]


def ack(
    alert: Annotated[
        str, typer.Argument(metavar="[ALERT]", help="As `status` names it: a rule, RULE:PRODUCT.")
    ] = "",
    *,
    every: Annotated[bool, typer.Option("--all", help="Everything that fires.")] = False,
    ledger: LedgerOption,
    reason: ReasonOption,
    who: WhoOption = "",
) -> ExitCode:
    """Say that you have seen what fires: it escalates no more, until it ends and comes again."""
    if bool(alert) == every:
        typer.echo("trader ack: name one alert, or `--all`", err=True)
        return ExitCode.USAGE
    view, target = LedgerView.open(ledger), EVERY if every else alert
    check_firing(status_of(view), target)
    command = Command("ack", target, who or user_name(), one_line(reason))
    return _order(view, command, f"acknowledging {alert or 'all'}")


def add(
    alert: AlertArgument,
    *,
    lasting: LastingOption,
    ledger: LedgerOption,
    reason: ReasonOption,
    who: WhoOption = "",
    yes: YesOption = False,
) -> ExitCode:
    """Tell nobody of an alert for a stated time; what still fires then is told."""
    view = LedgerView.open(ledger)
    check_rule(status_of(view), alert)
    length = duration_text(lasting)
    if not confirmed(f"tell nobody of {alert} for {length}?", yes=yes):
        return ExitCode.FINDINGS
    command = Command("silence", f"{alert} {lasting}", who or user_name(), one_line(reason))
    return _order(view, command, f"silencing {alert} for {length}")


def expire(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="As `silence list` shows it.")],
    *,
    ledger: LedgerOption,
    reason: ReasonOption,
    who: WhoOption = "",
) -> ExitCode:
    """End a silence before its time; what still fires is told at once."""
    view = LedgerView.open(ledger)
    silence_named(status_of(view), number)
    command = Command("unsilence", str(number), who or user_name(), one_line(reason))
    return _order(view, command, f"ending silence {number}")


def list(  # noqa: A001 - the verb's name
    *, ledger: LedgerOption, output: FormatOption = OutputFormat.TEXT
) -> ExitCode:
    """Show the silences that last, with who wants them and why."""
    status = status_of(LedgerView.open(ledger))
    if output is OutputFormat.JSON:
        told = [silence_json(each) for each in silences_of(status)]
        typer.echo(orjson.dumps({"silences": told}, option=orjson.OPT_INDENT_2).decode())
        return ExitCode.FINE
    rows = silence_rows(status)
    typer.echo(columns(rows, indent=0) if rows else "no alert is silenced\n", nl=False)
    return ExitCode.FINE


def _order(view: LedgerView, command: Command, what: str) -> ExitCode:
    """Have the loop do it and say what came of it; without a loop, leave it for the next."""
    if view.holder() is None:
        drop(view, command)
        tell(f"{what} is ordered", None, "")
        return ExitCode.FINE
    answer = asyncio.run(ordered(view, command, SystemClock()))
    typer.echo(answer.outcome)
    return ExitCode.FINDINGS if answer.outcome.startswith("refused") else ExitCode.FINE
