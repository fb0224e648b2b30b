"""The operator's hands: `trader halt`, `resume`, `rearm`, `cancel-all`, `liquidate`.

In: a ledger, a reason, a person. Out: the kill switch (durable when `halt` returns), or a command
file that the loop takes in and records with who and why. On a terminal each asks first.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.asking import (
    ReasonOption,
    WhoOption,
    confirmed,
    drop,
    one_line,
    tell,
)
from cli.trader_verbs.options import LedgerOption, YesOption  # noqa: TC001 - Typer reads these
from engine.adapters.environment import user_name
from engine.adapters.system.clock import SystemClock
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.run import halting
from engine.run.ledgers import LedgerView
from engine.run.status import rearmable


def halt(
    *, ledger: LedgerOption, reason: ReasonOption, who: WhoOption = "", yes: YesOption = False
) -> ExitCode:
    """Throw the kill switch: nothing is sent any more, not even exits; orders are cancelled."""
    view = LedgerView.open(ledger)
    if not confirmed("stop all trading, exits too?", yes=yes):
        return ExitCode.FINDINGS
    command = Command("halt", "", who or user_name(), one_line(reason))
    refused = halting.halt(view, command, SystemClock().now())
    tell("the kill switch is thrown", view.holder(), "it stops before its next order")
    if refused is not None:
        why = (refused.strerror or "I/O error").lower()
        typer.echo(f"the disk refused ({why}): who and why are not in the record", err=True)
    typer.echo(f"  trading goes on after `trader resume --ledger {ledger} --reason …`")
    return ExitCode.FINE


def resume(
    *, ledger: LedgerOption, reason: ReasonOption, who: WhoOption = "", yes: YesOption = False
) -> ExitCode:
    """Take the kill switch away and end a halt; other breakers wait for their own reset."""
    view = LedgerView.open(ledger)
    if not confirmed("let trading go on?", yes=yes):
        return ExitCode.FINDINGS
    thrown = view.kill_switch()
    operator.release_kill_switch(view.disk)
    drop(view, Command("resume", "", who or user_name(), one_line(reason)))
    was = "there was no kill switch" if thrown is None else f"the kill switch was: {thrown}"
    tell(f"resume is ordered; {was}", view.holder(), "it takes the order in and records it")
    return ExitCode.FINE


def rearm(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A tripped breaker, as `status` names it, or a strategy."
        ),
    ],
    *,
    ledger: LedgerOption,
    reason: ReasonOption,
    who: WhoOption = "",
    yes: YesOption = False,
) -> ExitCode:
    """Let a tripped breaker go, or count a strategy's executions anew; a person decides both."""
    view = LedgerView.open(ledger)
    allowed = rearmable(view, name)
    if not confirmed(f"re-arm {name}?", yes=yes):
        return ExitCode.FINDINGS
    drop(view, Command("rearm", name, who or user_name(), one_line(reason)))
    tell(
        f"re-arming {name} is ordered; {allowed}",
        view.holder(),
        "it takes it in",
    )
    return ExitCode.FINE


def cancel_all(
    *, ledger: LedgerOption, reason: ReasonOption, who: WhoOption = "", yes: YesOption = False
) -> ExitCode:
    """Ask the venue to cancel every working order; positions stay."""
    view = LedgerView.open(ledger)
    if not confirmed("cancel every working order?", yes=yes):
        return ExitCode.FINDINGS
    drop(view, Command("cancel-all", "", who or user_name(), one_line(reason)))
    tell("cancelling is ordered", view.holder(), "it cancels at its next tick")
    return ExitCode.FINE


def liquidate(
    product: Annotated[
        str, typer.Argument(metavar="[PRODUCT]", help="What to sell, as BTC-USD; else everything.")
    ] = "",
    *,
    ledger: LedgerOption,
    reason: ReasonOption,
    who: WhoOption = "",
    yes: YesOption = False,
) -> ExitCode:
    """Sell one product, or everything, by the stop's ladder; a halt lets it pass and goes on.

    A kill switch lets nothing pass: it is taken away, and a recorded halt takes its place.
    """
    view = LedgerView.open(ledger)
    thrown, what = view.kill_switch(), product or "everything"
    swap = "" if thrown is None else f" (the kill switch becomes a recorded halt: {thrown})"
    if not confirmed(f"sell {what} at what the market pays{swap}?", yes=yes):
        return ExitCode.FINDINGS
    person, why = who or user_name(), one_line(reason)
    if thrown is not None:
        drop(view, Command("halt", "", person, thrown))
    drop(view, Command("liquidate", product, person, why))
    # Last: until the commands lie there, nothing may leave.
    operator.release_kill_switch(view.disk)
    tell(f"selling {what} is ordered", view.holder(), "it sells in its next cycle")
    return ExitCode.FINE
