"""`trader approve` and `trader refuse`: a person's answer to an order that waits for it.

In: a ledger, the number of a question. Out: a command file that the loop takes in and records with
who and why; without a number, the questions that wait. Serves a second terminal and a telephone.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.asking import WhoOption, confirmed, drop, one_line, tell
from cli.trader_verbs.options import (  # noqa: TC001 - Typer reads the annotations
    LedgerOption,
    YesOption,
)
from cli.trader_verbs.shown import clock, counted, exact, money
from engine.adapters.environment import user_name
from engine.adapters.system.clock import SystemClock
from engine.cycle.clockwork import Command
from engine.model.supervision import Ask  # noqa: TC001 - read by functions below
from engine.run.asks import answerable, waiting
from engine.run.ledgers import LedgerView
from engine.run.status import status_of

_Number = Annotated[
    int | None,
    typer.Argument(
        metavar="[ORDER]", min=1, help="The number of the question; else they are told."
    ),
]
_Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]


def approve(
    order: _Number = None,
    *,
    ledger: LedgerOption,
    reason: _Reason = "looked at it",
    who: WhoOption = "",
    yes: YesOption = False,
) -> ExitCode:
    """Say yes to an order that waits for it; without a number, tell which orders wait.

    It goes in the next cycle that still wants it, judged anew, no larger and no dearer.
    """
    return _answer(order, "approve", ledger, (reason, who), yes=yes)


def refuse(
    order: _Number = None,
    *,
    ledger: LedgerOption,
    reason: _Reason = "looked at it",
    who: WhoOption = "",
    yes: YesOption = False,
) -> ExitCode:
    """Say no to an order that waits for a yes; without a number, tell which orders wait.

    A yes that no order has gone under yet can be taken back.
    """
    return _answer(order, "refuse", ledger, (reason, who), yes=yes)


def _answer(
    number: int | None, verb: str, ledger: str, words: tuple[str, str], *, yes: bool
) -> ExitCode:
    view, now = LedgerView.open(ledger), SystemClock().now()
    state = status_of(view).state
    if number is None:
        for line in told(waiting(state, now)):
            typer.echo(line)
        return ExitCode.FINE
    asked = answerable(state, number, now, yes=verb == "approve")
    typer.echo(question(asked))
    if not confirmed(f"{verb} order {number}?", yes=yes):
        return ExitCode.FINDINGS
    reason, who = words
    drop(view, Command(verb, str(number), who or user_name(), one_line(reason)))
    said = "yes" if verb == "approve" else "no"
    tell(f"{said} to order {number}", view.holder(), "it takes the answer in at its tick")
    return ExitCode.FINE


def told(asks: list[Ask]) -> list[str]:
    """Each question in a line; or that nothing waits."""
    if not asks:
        return ["no order waits for a yes"]
    return [f"{counted(len(asks), 'order')} for a yes or a no:", *map(question, asks)]


def question(ask: Ask) -> str:
    """`3: entry 0.0042 BTC-USD, at most 421.30 USD, until 2026-01-05 10:05:00 UTC; breakout: …`."""
    cost = f"at most {money(ask.most, ask.symbol.quote)} at {exact(ask.worst_price)} or better"
    what = f"{ask.intent.value} {exact(ask.quantity)} {ask.symbol}"
    until = f"until {clock(ask.until)} UTC"
    return f"  {ask.number}: {what}, {cost}, {until}; {ask.strategy}: {ask.reason}"
