"""`policy upgrade --check [DIR]`: does this engine mean by a set what the one before meant?

In: a set, and what is known of it from before: a ledger, a bundle, or both. Out: whether its hash
is equal, its documents are the same, and every recorded decision comes out as it did. Exit status 0
when nothing changed, 1 when something did.
"""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.policy_verbs.sets import Directory, chosen, misuse, now
from cli.trader_verbs.shown import columns, counted
from engine.comparison.edits import edits_of
from engine.comparison.telling import edit_sentence
from engine.cycle.records.activation import activated_set
from engine.cycle.rejudge import rejudge
from engine.errors import MandateError
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.policyset.engine_range import engine_version
from engine.policyset.opening import load_policy_set
from engine.provenance.bundle import policy_set_of
from engine.provenance.languages import LANGUAGES
from engine.provenance.signing import opened_bundle
from engine.run.ledgers import LedgerView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.policyset.policyset import PolicySet

    Row = tuple[str, str]

_MOST_EDITS = 10


def upgrade(
    directory: Directory = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Say whether anything would change; nothing does here.")
    ] = False,
    ledger: Annotated[
        str | None, typer.Option(metavar="DIR", help="The ledger that the engine before has kept.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A bundle that was made by the one before.")
    ] = None,
) -> ExitCode:
    """Say, after another engine was installed, whether it means the same by a set.

    Equal hashes mean equal documents, language and facts. Recorded decisions are made again and
    compared byte for byte.
    """
    if not check:
        return misuse("upgrade", "say `--check`: an engine is installed by pip, and checked here")
    if ledger is None and bundle is None:
        return misuse("upgrade", "name what is known from before: `--ledger DIR`, `--bundle FILE`")
    policy_set = load_policy_set(chosen(directory)).required()
    rows = [("engine", engine_version() or "not installed"), _language(), ("set", policy_set.hash)]
    changed: list[Row] = []
    if bundle is not None:
        changed += _against(policy_set, bundle)
    if ledger is not None:
        told, more = _of_ledger(policy_set, ledger)
        rows += told
        changed += more
    verdict = changed or [("changed", "nothing")]
    sys.stdout.write(columns([*rows, *verdict], indent=0))
    return ExitCode.FINDINGS if changed else ExitCode.FINE


def _language() -> Row:
    spoken = LANGUAGES.spoken[-1]
    return "language", f"{spoken.api_version}, {spoken.standing(now()).value}"


def _against(policy_set: PolicySet, bundle: Path) -> list[Row]:
    opened = opened_bundle(bundle)
    try:
        return list(_compared(policy_set, policy_set_of(opened), opened.statement.policy_set))
    except MandateError as error:
        return [("CHANGED", str(error.diagnostics[0]))]


def _of_ledger(policy_set: PolicySet, ledger: str) -> tuple[list[Row], list[Row]]:
    """What the ledger activated last, and all that it decided."""
    records = list(LedgerView.open(ledger).records())
    active = [each for each in records if each.kind is RecordKind.SET_ACTIVATED]
    changed: list[Row] = []
    try:
        if active:
            body = bodies.of_record(active[-1])
            told = bodies.text(body, "policy_set")
            changed += _compared(policy_set, activated_set(body), told)
        report = rejudge(records)
    except MandateError as error:
        return [], [*changed, ("CHANGED", str(error.diagnostics[0]))]
    again = f"{counted(report.decisions, 'decision')} made again, {len(report.flips)} otherwise"
    if report.flips:
        changed.append(("CHANGED", f"the first is record {report.flips[0].sequence:,}"))
    return [("ledger", again)], changed


def _compared(policy_set: PolicySet, before: PolicySet, told: str) -> Iterator[Row]:
    if policy_set.hash != told:
        yield "CHANGED", f"before it was {told}"
    edits = edits_of(before, policy_set)
    yield from (("", edit_sentence(each)) for each in edits[:_MOST_EDITS])
    if len(edits) > _MOST_EDITS:
        yield "", f"and {len(edits) - _MOST_EDITS} edits more: `policy diff` shows them"
