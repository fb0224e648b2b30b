"""`trader alert test`: a message to each route, and what came of it.

In: a ledger that somebody runs, or a policy set. Out: which routes answered. A running loop sends
by the way of every alert, and the answer is on record; without one it is sent from here, with the
secrets of this process.
"""

from __future__ import annotations

import asyncio
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.asking import WhoOption, one_line
from cli.trader_verbs.options import (
    FormatOption,
    OutputFormat,
    SecretsOption,
    quiet_log,
)
from cli.trader_verbs.shown import columns, held_by
from engine.adapters.environment import secret_sources, user_name
from engine.adapters.notify import routes_of
from engine.adapters.system.clock import SystemClock
from engine.cycle.clockwork import Command
from engine.model.notices import Sender
from engine.policyset.opening import load_policy_set
from engine.run.accounts import PATIENCE_S, ordered
from engine.run.alerting import try_all
from engine.run.doctor.routes import routes_of as used_routes
from engine.run.hearing import heard_since, set_of
from engine.run.ledgers import LedgerView
from engine.run.status import status_of

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet
    from engine.run.alerting import Answers

_WHY = "a test of the routes"
_LOOK_S = 0.3
_UNKNOWN = "no answer yet; `trader status` shows what becomes of it"


def test(  # noqa: PLR0913 - the options of the verb
    *,
    ledger: Annotated[
        str | None, typer.Option(metavar="DIR", help="A ledger; where it runs, its loop sends.")
    ] = None,
    policies: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A policy set; it is sent from here.")
    ] = None,
    route: Annotated[str, typer.Option(metavar="NAME", help="One route; else all in use.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record.")] = "",
    who: WhoOption = "",
    secrets: SecretsOption = None,
    output: FormatOption = OutputFormat.TEXT,
) -> ExitCode:
    """Send a test message to each route of the alerts; 1 when one did not arrive."""
    if (ledger is None) == (policies is None):
        typer.echo("trader alert test: name a ledger or a policy set", err=True)
        return ExitCode.USAGE
    view = None if ledger is None else LedgerView.open(ledger)
    quiet_log(shown=False)
    why, holder = one_line(reason) or _WHY, None if view is None else view.holder()
    if view is not None and holder is not None:
        command = Command("alert-test", route, who or user_name(), why)
        answers, by = asyncio.run(_by_the_loop(view, command)), held_by(holder)
    else:
        policy_set = _policy_set(view, policies)
        if policy_set is None:
            typer.echo("trader alert test: name the set with `--policies`", err=True)
            return ExitCode.USAGE
        answers, by = asyncio.run(_from_here(policy_set, route, why, secrets)), "this command"
    _show(answers, by, output)
    return ExitCode.FINDINGS if any(answers.values()) or not answers else ExitCode.FINE


def _policy_set(view: LedgerView | None, policies: Path | None) -> PolicySet | None:
    if policies is not None:
        return load_policy_set(policies).required()
    return None if view is None else set_of(status_of(view))


async def _from_here(policy_set: PolicySet, route: str, why: str, secrets: Path | None) -> Answers:
    deployment = policy_set.deployment
    routes = routes_of(deployment, secret_sources(secrets), SystemClock())
    sender = Sender(deployment.account.name, deployment.mode, policy_set.name, policy_set.hash)
    try:
        return await try_all(routes, [route] if route else used_routes(policy_set), sender, why)
    finally:
        await routes.close()


async def _by_the_loop(view: LedgerView, command: Command) -> Answers:
    """Order it, and wait for what the ledger says of each route."""
    clock, state = SystemClock(), status_of(view).state
    before, began = state.telling.next_notice, clock.monotonic_s()
    answer = await ordered(view, command, clock)
    if answer.outcome.startswith("refused"):
        return {command.target or "all": answer.outcome}
    asked = tuple(answer.outcome.removeprefix("a test goes to ").split(", "))
    while (heard := heard_since(view, asked, before)).open:
        if clock.monotonic_s() - began > PATIENCE_S:
            break
        await asyncio.sleep(_LOOK_S)
    told = {name: each.refused for name, each in heard.answered.items()}
    return told | dict.fromkeys(heard.open, _UNKNOWN)


def _show(answers: Answers, by: str, output: OutputFormat) -> None:
    if output is OutputFormat.JSON:
        told = [
            {"route": name, "answered": refused is None, "why": refused}
            for name, refused in sorted(answers.items())
        ]
        typer.echo(orjson.dumps({"by": by, "routes": told}, option=orjson.OPT_INDENT_2).decode())
        return
    rows = [(name, "arrived" if why is None else why) for name, why in sorted(answers.items())]
    typer.echo(f"sent by {by}\n{columns(rows)}", nl=False)
