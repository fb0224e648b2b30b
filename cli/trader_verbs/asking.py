"""Asking a person, and leaving what was ordered for the loop: what every hand of `trader` does.

In: a question, a command. Out: whether to go on; a command file, and words about who takes it in.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.trader_verbs.shown import held_by
from engine.adapters.system.clock import SystemClock
from engine.cycle import operator

if TYPE_CHECKING:
    from engine.adapters.system.lock import Holder
    from engine.cycle.clockwork import Command
    from engine.run.ledgers import LedgerView

ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
WhoOption = Annotated[
    str, typer.Option("--who", help="Who orders it; else the user of the system.")
]


def drop(view: LedgerView, command: Command) -> str:
    """Leave a command for the loop; returns the file's name."""
    return operator.drop_command(view.disk, command, SystemClock().now())


def tell(done: str, holder: Holder | None, then: str) -> None:
    """What was done, and what happens next: that depends on whether anybody runs the ledger."""
    typer.echo(done)
    if holder is not None:
        typer.echo(f"  {held_by(holder)} runs this ledger: {then}")
    else:
        typer.echo(
            "  nobody runs this ledger; the next `trader run` takes it in before its first cycle"
        )


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether to go on; only a person at a terminal is asked."""
    if yes or not sys.stdin.isatty():
        return True
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() in {"y", "yes"}:
        return True
    typer.echo("nothing was done", err=True)
    return False


def one_line(text: str) -> str:
    """What a person typed, without line breaks and double blanks."""
    return " ".join(text.split())
