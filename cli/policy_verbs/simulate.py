"""`policy simulate [DIR] --quotes FILE…`: what a policy set would have done over recordings.

In: a set, recordings of quotes (or bars with a stated spread), terms. Out: a summary to read, and
as files the whole of it as JSON and as a page. Exit status 1 where a figure is beyond the
tolerance of a baseline. Its decisions are those of `trader run --quotes`, byte for byte.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import typer

from cli.exit_codes import ExitCode
from cli.output.progress import bar_for
from cli.output.text import write_text
from cli.policy_verbs.revisions import set_named
from cli.policy_verbs.sets import Directory, chosen
from cli.policy_verbs.simulating import options  # noqa: TC001 - Typer reads the annotations
from cli.policy_verbs.simulating.comparison_page import comparison_page
from cli.policy_verbs.simulating.drifting import baseline_findings
from cli.policy_verbs.simulating.page import page
from cli.policy_verbs.simulating.terms import terms_of
from cli.trader_verbs.options import (  # noqa: TC001 - Typer reads the annotations
    DepthOption,
    SpreadOption,
)
from engine.adapters.system.whole_file import write_whole
from engine.policyset.opening import load_policy_set
from engine.run.simulating import Watching, opened, prescreening
from engine.run.simulating import simulate as simulated
from engine.simulation.against import difference, difference_body
from engine.simulation.body import simulation_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.adapters.recorded import Recording
    from engine.policyset.policyset import PolicySet
    from engine.simulation.against import Difference
    from engine.simulation.result import Simulation
    from engine.simulation.stepping import Prescreen
    from engine.simulation.terms import Terms

STDOUT = "-"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be written beside the text."""

    json: str | None
    report: Path | None
    baseline: Path | None
    tolerance: tuple[str, ...]


def simulate(  # noqa: PLR0913 - the options of the verb
    directory: Directory = None,
    *,
    quotes: options.QuotesOption,
    against: options.AgainstOption = None,
    json: options.JsonOption = None,
    report: options.ReportOption = None,
    baseline: options.BaselineOption = None,
    tolerance: options.ToleranceOption = [],  # noqa: B006 - Typer's way to say none
    since: options.SinceOption = None,
    until: options.UntilOption = None,
    equity: options.EquityOption = None,
    mode: options.ModeOption = None,
    latency: options.LatencyOption = 0.0,
    stress: options.StressOption = 1,
    prescreen: options.PrescreenOption = False,
    spread_bps: SpreadOption = None,
    depth: DepthOption = None,
) -> ExitCode:
    """Run the real cycle over recordings, in memory, and tell what the rules did.

    Nothing is written but what you name. `--against` shows which orders appear, vanish or change
    their size; `--baseline` fails when a figure moved. `--prescreen` decides the same bytes in a
    fraction of the time; how often a signal held is counted in the cycles that were stepped.
    """
    choice = prescreening() if prescreen else None
    here = chosen(directory)
    terms = terms_of(
        since=since,
        until=until,
        equity=equity,
        mode=mode,
        latency=latency,
        stress=stress,
        spread_bps=spread_bps,
        depth=depth,
    )
    wanted = _Wanted(json, report, baseline, tuple(tolerance))
    with ExitStack() as stack:
        head = load_policy_set(here).required()
        base = None if against is None else set_named(stack, against, here)
    market = opened(quotes, terms)
    found = _simulated(head, market, terms, choice, "cycles")
    differs = None
    if base is not None:
        before = _simulated(base, market, terms, choice, f"cycles of {against}")
        differs = difference(before, found)
    return _told(found, differs, wanted)


def _simulated(
    policy_set: PolicySet, market: Recording, terms: Terms, choice: Prescreen | None, what: str
) -> Simulation:
    bar = bar_for(sys.stderr, what)
    # By its number: cycles that were left out are over too.
    watching = Watching(lambda this: bar.reach(this.number), lambda _r, _b: None, bar.begin)
    try:
        return simulated(policy_set, market, terms, prescreen=choice, watching=watching)
    finally:
        bar.close()


def _told(found: Simulation, differs: Difference | None, wanted: _Wanted) -> ExitCode:
    body = simulation_body(found)
    if differs is not None:
        body["against"] = difference_body(differs)
    # Before anything is written: the baseline may be the very file that is written anew.
    findings = baseline_findings(wanted.baseline, wanted.tolerance, body)
    if wanted.json is not None:
        _write_json(wanted.json, orjson.dumps(body, option=orjson.OPT_SORT_KEYS) + b"\n")
    if wanted.report is not None:
        # Imported only for who wants a page.
        from engine.simulation.report.page import report_page  # noqa: PLC0415 - see above

        write_whole(wanted.report, report_page(found, differs).encode())
    if wanted.json != STDOUT:
        typer.echo(_text(found, differs, wanted), nl=False)
    write_text(findings, sys.stderr)
    return ExitCode.FINDINGS if findings else ExitCode.FINE


def _write_json(target: str, data: bytes) -> None:
    if target == STDOUT:
        sys.stdout.write(data.decode())
    else:
        write_whole(Path(target), data)


def _text(found: Simulation, differs: Difference | None, wanted: _Wanted) -> str:
    parts = [page(found)]
    if differs is not None:
        parts.append(comparison_page(differs))
    written = [each for each in (wanted.json, wanted.report) if each is not None]
    parts += [_written(written)] if written else []
    return "\n".join(parts)


def _written(files: Sequence[Path | str]) -> str:
    return "".join(f"written {each}\n" for each in files)
