"""`trader run`: the loop over a recording or in real time, told as it goes.

In: a policy set, recordings or a venue, a ledger. Out: a line or a JSON object a cycle; the ledger
holds everything. Refuses what `engine.run.prepare` refuses, before the first cycle.
"""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output.text import write_text
from cli.trader_verbs.options import (
    AllowedSignersOption,
    AuthorityOption,
    CeilingsOption,
    DepthOption,
    FormatOption,
    JournalOption,
    MetricsOption,
    OtlpOption,
    OutputFormat,
    PaceOption,
    PoliciesOption,
    ProductOption,
    QuotesOption,
    RecordOption,
    ReloadOption,
    RequireSignedOption,
    SecretsOption,
    ShadowOption,
    SignersOption,
    SpreadOption,
    TakeOverOption,
    VenueOption,
    quiet_log,
)
from cli.trader_verbs.running.asking import Terminal, at_terminal
from cli.trader_verbs.running.chronicle import cycle_lines
from cli.trader_verbs.running.closing import summary
from cli.trader_verbs.running.heading import heading
from cli.trader_verbs.running.lines import cycle_line
from cli.trader_verbs.running.paper import Paper, paper_for
from cli.trader_verbs.running.rules import rules_line, rules_page
from cli.trader_verbs.running.tally import Tally
from cli.trader_verbs.running.told import Listening, ToldCycle
from cli.trader_verbs.shown import counted
from cli.trader_verbs.spread import spread_model
from engine.cycle.firing import Firing
from engine.errors import Diagnostic, MandateError
from engine.model.orders import Mode  # noqa: TC001 - Typer reads the annotations
from engine.provenance.verified import Trust
from engine.run import ReloadWhen, RunSettings, VenueSettings
from engine.run.assembling import assembled
from engine.run.assembly.sources import sourced
from engine.run.placing import place
from engine.run.telemetry import Watched, watched

if TYPE_CHECKING:
    from engine.run import Session


def run(  # noqa: PLR0913 - the options of the verb
    *,
    policies: PoliciesOption,
    quotes: QuotesOption = [],  # noqa: B006 - Typer's way to say none
    mode: Annotated[
        Mode | None, typer.Option("--mode", help="At most what the Deployment states.")
    ] = None,
    cycles: Annotated[
        int | None, typer.Option("--cycles", min=1, help="Stop after so many cycles.")
    ] = None,
    ledger: RecordOption = None,
    journal: JournalOption = None,
    take_over: TakeOverOption = False,
    pace: PaceOption = None,
    venue: VenueOption = None,
    venue_ca: AuthorityOption = None,
    secrets: SecretsOption = None,
    product: ProductOption = [],  # noqa: B006 - Typer's way to say none
    spread_bps: SpreadOption = None,
    depth: DepthOption = None,
    ceilings: CeilingsOption = None,
    shadow: ShadowOption = None,
    require_signed: RequireSignedOption = False,
    allowed_signers: AllowedSignersOption = None,
    signers: SignersOption = None,
    reload: ReloadOption = ReloadWhen.ORDERED,
    metrics: MetricsOption = None,
    otlp: OtlpOption = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="Leave out cycles in which nothing happened.")
    ] = False,
    rules: Annotated[
        bool, typer.Option("--rules", help="Tell at the end how often each rule fired.")
    ] = False,
    output: FormatOption = OutputFormat.TEXT,
) -> ExitCode:
    """Run a policy set, and record every decision in a ledger.

    Over recorded quotes with `--quotes`; else in real time: a dry run decides, paper fills in this
    process (or at a `--venue` on loopback), live trades at Coinbase.
    """
    trust = _trust(allowed_signers, signers, mode, demanded=require_signed)
    source = sourced(policies, trust)
    policy_set = source.policy_set
    _tell_warnings(policies, len(source.diagnostics))
    placing = place(ledger, journal, policy_set, mode)
    market = VenueSettings(venue, venue_ca, secrets, tuple(product))
    settings = RunSettings(
        policies=policies,
        ledger=placing.directory,
        quotes=tuple(quotes),
        mode=mode,
        cycles=cycles,
        pace=pace,
        derive=spread_model(spread_bps, depth),
        ceilings=ceilings,
        shadow=shadow,
        trust=trust,
        shared=placing.shared,
        take_over=take_over,
        venue=market,
        reload=reload,
        at_terminal=at_terminal(),
    )
    session = assembled(settings, source)
    write_text(session.findings, sys.stderr)
    # In real time connections are lost and found again, which no cycle's line tells.
    quiet_log(shown=output is OutputFormat.JSON or settings.real_time, hidden=session.hidden)
    with watched(session, Watched(metrics, otlp)):
        return _run(session, output, brief=brief, rules=rules)


def _run(session: Session, output: OutputFormat, *, brief: bool, rules: bool) -> ExitCode:
    if session.settings.real_time and session.settings.at_terminal:
        session.loop.beside += (Terminal(session).run,)
    if output is OutputFormat.JSON:
        firing = _run_as_json(session)
    else:
        firing = _run_as_text(session, brief=brief)
    if rules:
        shown = rules_line if output is OutputFormat.JSON else rules_page
        sys.stdout.write(shown(firing.counts()))
    write_text(session.left_over, sys.stderr)
    return ExitCode.FINDINGS if session.left_over else ExitCode.FINE


def _trust(
    allowed: Path | None, signers: int | None, mode: Mode | None, *, demanded: bool
) -> Trust | None:
    """What the host demands; raises MandateError (M769) where it is said by half."""
    if demanded and allowed is not None:
        return Trust(allowed, signers or 1, mode)
    if not demanded and allowed is None and signers is None:
        return None
    missing = "--allowed-signers FILE" if demanded else "--require-signed"
    message = f"signatures are not demanded as a whole: `{missing}` is missing"
    raise MandateError([Diagnostic("M769", message, None, f"add `{missing}`")])


def _tell_warnings(policies: Path, count: int) -> None:
    """The set loads, so these are warnings: `policy lint` is where they are read and mended."""
    if count:
        told = f"{counted(count, 'warning')} about this policy set"
        typer.echo(f"{told}: `policy lint {policies}` shows them", err=True)


def _run_as_json(session: Session) -> Firing:
    firing = Firing(session.policy_set, session.desk.programme)

    def tell(told: ToldCycle) -> None:
        firing.follow(session.policy_set, session.desk.programme)
        firing.add(told.this)
        sys.stdout.write(cycle_line(told, session.policy_set))
        sys.stdout.flush()

    session.run(Listening(session, tell))
    return firing


def _run_as_text(session: Session, *, brief: bool) -> Firing:
    sys.stdout.write(heading(session, session.state.cycle))
    tally = Tally()
    firing = Firing(session.policy_set, session.desk.programme)
    paper = paper_for(sys.stdout, session.planned)

    def tell(told: ToldCycle) -> None:
        firing.follow(session.policy_set, session.desk.programme)
        firing.add(told.this)
        _tell(told, session, tally, paper, brief=brief)

    try:
        session.run(Listening(session, tell))
    finally:
        # After an interrupt too: what was run is in the ledger, and is summed up.
        paper.close()
        sys.stdout.write(summary(session, tally))
    return firing


def _tell(told: ToldCycle, session: Session, tally: Tally, paper: Paper, *, brief: bool) -> None:
    news = tally.add(told)
    lines = cycle_lines(told, news, session.policy_set)
    paper.advance()
    paper.write([] if brief and len(lines) == 1 else lines)
