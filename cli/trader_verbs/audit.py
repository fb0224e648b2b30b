"""`trader audit`: is the ledger what was written, and does it decide the same again?

In: a ledger. Out: verify, rejudge and show as text, export as records. Exit status 1 where the
ledger is not whole, or a decision comes out otherwise.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output.text import write_text
from cli.trader_verbs.exporting import ExportFormat, write_records
from cli.trader_verbs.options import LedgerOption  # noqa: TC001 - Typer reads the annotations
from cli.trader_verbs.order_story import story_page
from cli.trader_verbs.shown import columns, counted
from engine.cycle.rejudge import rejudge as judge_again
from engine.ledger.records import RecordKind
from engine.run.ledgers import LedgerView
from engine.run.questions import named_set, order_story

if TYPE_CHECKING:
    from engine.cycle.rejudge import Flip

_FLIPS_SHOWN = 5


def verify(*, ledger: LedgerOption) -> ExitCode:
    """Follow the chain of hashes from the first record to the last; name the first bad one."""
    report = LedgerView.open(ledger).verify()
    write_text(report.diagnostics, sys.stderr)
    if not report.intact:
        whole = counted(report.records, "record")
        typer.echo(f"not intact: {whole} before the first bad one", err=True)
        return ExitCode.FINDINGS
    rows = [("intact", counted(report.records, "record"))]
    if report.last is not None:
        rows.append(("last hash", report.last.hash))
    typer.echo(columns(rows, indent=0), nl=False)
    return ExitCode.FINE


def rejudge(*, ledger: LedgerOption) -> ExitCode:
    """Decide every decision again, from its policy set and recorded facts alone."""
    report = judge_again(LedgerView.open(ledger).records())
    sets = ", ".join(sorted(report.sets)) or "none"
    rows = [
        ("judged again", counted(report.decisions, "decision")),
        ("came out the same", f"{report.decisions - len(report.flips):,}"),
        ("came out otherwise", f"{len(report.flips):,}"),
        ("policy sets", sets),
    ]
    typer.echo(columns(rows, indent=0), nl=False)
    for flip in report.flips[:_FLIPS_SHOWN]:
        typer.echo(_flip(flip), nl=False)
    return ExitCode.FINE if report.agrees else ExitCode.FINDINGS


def show(
    order: Annotated[
        str, typer.Argument(metavar="ORDER", help="A client order id, its beginning, an intent.")
    ],
    *,
    ledger: LedgerOption,
) -> ExitCode:
    """Tell the story of one order, from the rules that let it pass to its fills and fees."""
    with LedgerView.open(ledger).index() as index:
        story = order_story(index, order)
        named = named_set(index, story.decided.policy_set, story.decided.time)
    typer.echo(story_page(story, named), nl=False)
    return ExitCode.FINE


def export(
    *,
    ledger: LedgerOption,
    kind: Annotated[
        list[RecordKind],
        typer.Option("--kind", help="Only records of this kind; may be given several times."),
    ] = [],  # noqa: B006 - Typer's way to say none
    output: Annotated[
        ExportFormat, typer.Option("--format", help="Lines as stored, or a table.")
    ] = ExportFormat.JSONL,
) -> ExitCode:
    """Write records to stdout: the stored lines, which prove themselves, or a CSV table."""
    wanted = frozenset(kind) or frozenset(RecordKind)
    records = (each for each in LedgerView.open(ledger).records() if each.kind in wanted)
    write_records(records, output, sys.stdout)
    return ExitCode.FINE


def _flip(flip: Flip) -> str:
    return f"\nrecord {flip.sequence:,}\n  recorded {flip.recorded}\n  judged   {flip.judged}\n"
