"""`trader doctor`: what a person should know before leaving a trader alone.

In: a policy set, a ledger, or both. Out: a page or one JSON object: what is armed, missing,
tripped, near its limit, and where alerts go. Exit status 1 when something has to be mended first.
Reads only, and may be asked beside a running trader; but for the probe, which sends under the
ledger's lock.
"""

from __future__ import annotations

import asyncio
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.asking import WhoOption, confirmed, one_line
from cli.trader_verbs.doctor_page import doctor_json, doctor_page
from cli.trader_verbs.going_live import GoingLiveAsked, asked_set
from cli.trader_verbs.going_live import go_live as go_live_verb
from cli.trader_verbs.options import (
    AllowedSignersOption,
    AuthorityOption,
    FormatOption,
    OutputFormat,
    SecretsOption,
    SignersOption,
    VenueOption,
    YesOption,
    quiet_log,
)
from cli.trader_verbs.seeing import seen
from engine.adapters.environment import secret_sources, user_name
from engine.adapters.notify import Routes, routes_of
from engine.adapters.system.clock import SystemClock
from engine.policyset.opening import load_policy_set
from engine.run import VenueSettings
from engine.run.accounts import ProbeWords
from engine.run.doctor import Level, examine, try_routes
from engine.run.going_live import Rung  # noqa: TC001 - Typer reads the annotations
from engine.run.ledgers import LedgerView
from engine.run.status import Status, status_of

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet
    from engine.run.doctor import Check

_NOTHING = "name a policy set with `--policies`, a ledger with `--ledger`, or both"
_NO_SET = "the ledger's set cannot be built again by this release: name one with `--policies`"


def doctor(  # noqa: PLR0913 - the options of the verb
    stage: Annotated[
        Rung | None,
        typer.Argument(metavar="[STAGE]", help="With --go-live: supervised, canary or full."),
    ] = None,
    *,
    policies: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A policy set; left out, the one that the ledger runs."),
    ] = None,
    ledger: Annotated[
        str | None, typer.Option(metavar="DIR", help="A ledger; left out, the set alone is asked.")
    ] = None,
    go_live: Annotated[
        bool,
        typer.Option("--go-live", help="Evidence and blockers of a STAGE of live trading instead."),
    ] = False,
    test_routes: Annotated[
        bool, typer.Option("--test-routes", help="Send a test message to each route of an alert.")
    ] = False,
    probe_duplicate_id: Annotated[
        bool,
        typer.Option(
            "--probe-duplicate-id", help="Find out what the venue does with a repeated order id."
        ),
    ] = False,
    product: Annotated[
        str, typer.Option(metavar="BASE-QUOTE", help="Where to probe; else the regime's product.")
    ] = "",
    venue: VenueOption = None,
    venue_ca: AuthorityOption = None,
    secrets: SecretsOption = None,
    allowed_signers: AllowedSignersOption = None,
    signers: SignersOption = None,
    who: WhoOption = "",
    reason: Annotated[str, typer.Option("--reason", help="Why it is probed.")] = "",
    yes: YesOption = False,
    output: FormatOption = OutputFormat.TEXT,
) -> ExitCode:
    """Say what is armed, what is missing, what is tripped, how much room is left.

    The exit status is 1 when something is missing or tripped; with `--go-live` when something
    stands against the stage, and 3 where nobody could be asked. Nothing is changed, and nothing is
    sent but the test messages that `--test-routes` asks for, and the orders of a probe: of the
    smallest size, far below the market, cancelled again (`reconcile.probe` says how far).
    """
    misused = _NOTHING if policies is None and ledger is None else None
    if not go_live and (stage, allowed_signers, signers) != (None, None, None):
        misused = "STAGE, `--allowed-signers` and `--signers` are for `--go-live`"
    if misused is not None:
        return _misuse(misused)
    at = VenueSettings(venue, venue_ca, secrets)
    view = LedgerView.open(ledger) if ledger is not None else None
    if probe_duplicate_id:
        if view is None:
            return _misuse("a probe is kept in a ledger: name it with `--ledger`")
        if not confirmed("send orders of the smallest size, far below the market?", yes=yes):
            return ExitCode.FINDINGS
        asked = ProbeWords(product, who or user_name(), one_line(reason) or "asked by a person")
        _probe(view, asked, at)
    if go_live:
        words = GoingLiveAsked(policies, stage, allowed_signers, signers, at, output)
        return _live(words, view)
    return _examined(policies, view, at, test_routes=test_routes, output=output)


def _examined(
    policies: Path | None,
    view: LedgerView | None,
    at: VenueSettings,
    *,
    test_routes: bool,
    output: OutputFormat,
) -> ExitCode:
    """The ordinary examination."""
    status = status_of(view) if view else None
    policy_set = _set_of(policies, status)
    if policy_set is None:
        return _misuse(_NO_SET)
    sources = secret_sources(at.secrets)
    made = routes_of(policy_set.deployment, sources, SystemClock())
    checks = [*examine(policy_set, status, seen(view, sources, made))]
    if test_routes:
        quiet_log(shown=True, hidden=made.hidden)
        checks += asyncio.run(_tried(policy_set, made))
    page = doctor_json if output is OutputFormat.JSON else doctor_page
    typer.echo(page(policy_set, checks), nl=False)
    bad = any(each.level is Level.BAD for each in checks)
    return ExitCode.FINDINGS if bad else ExitCode.FINE


def _probe(view: LedgerView, asked: ProbeWords, venue: VenueSettings) -> None:
    """Probe under the ledger's lock; the page that follows tells what was found."""
    # What speaks to a venue is imported by whoever speaks to one.
    from engine.run.real_time.probing import probed  # noqa: PLC0415 - see above

    probed(view, asked, venue)


def _set_of(policies: Path | None, status: Status | None) -> PolicySet | None:
    if policies is not None:
        return load_policy_set(policies).required()
    return status.named.policy_set if status and status.named else None


async def _tried(policy_set: PolicySet, made: Routes) -> tuple[Check, ...]:
    try:
        return await try_routes(policy_set, made)
    finally:
        await made.close()


def _live(asked: GoingLiveAsked, view: LedgerView | None) -> ExitCode:
    if asked.misuse is not None:
        return _misuse(asked.misuse)
    about = asked_set(asked, view)
    return _misuse(_NO_SET) if about is None else go_live_verb(asked, about, view)


def _misuse(words: str) -> ExitCode:
    typer.echo(f"trader doctor: {words}", err=True)
    return ExitCode.USAGE
