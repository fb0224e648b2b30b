"""`policy controls [DIR]`: the thirty controls, and what of them the set enforces.

In: a directory, perhaps the time at which waivers are asked. Out: a row a control, with what
carries it: documents whose enforced rules really do, invariants of the engine with the tests that
show them, artefacts of process. A claim of a document counts for nothing by itself.
"""

from __future__ import annotations

import json
from collections import Counter
from enum import Enum
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.policy_verbs.sets import Directory, MisuseError, chosen, misuse, now
from engine.model.times import UtcTime
from engine.policyset.controls.report import EvidenceKind, Status, controls_of
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.policyset.controls.report import ControlRow, Evidence
    from engine.policyset.policyset import PolicySet

_WIDTH = 80
_INSET = " " * 15


class ControlsFormat(Enum):
    """How the table is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


def controls(
    directory: Directory = None,
    *,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="When waivers are asked: an instant, or `now`.")
    ] = "now",
    output: Annotated[
        ControlsFormat, typer.Option("--format", help="Text to read, a table to paste, or JSON.")
    ] = ControlsFormat.TEXT,
) -> ExitCode:
    """Say which of the thirty controls a policy set enforces, and what carries each.

    Enforced: every part is carried by an enforced rule, or by the engine under any set. Process: a
    matter of people and artefacts. Waived: a waiver of a rule that carries it is in force.
    """
    try:
        moment = _moment(at)
    except MisuseError as error:
        return misuse("controls", str(error))
    policy_set = load_policy_set(chosen(directory)).required()
    typer.echo(render(policy_set, controls_of(policy_set, moment), output), nl=False)
    return ExitCode.FINE


def render(policy_set: PolicySet, rows: Sequence[ControlRow], output: ControlsFormat) -> str:
    """The rows in one of the three forms."""
    match output:
        case ControlsFormat.TEXT:
            return render_text(policy_set, rows)
        case ControlsFormat.MARKDOWN:
            return render_markdown(rows)
        case ControlsFormat.JSON:
            return render_json(rows)


def render_text(policy_set: PolicySet, rows: Sequence[ControlRow]) -> str:
    """A page of eighty columns."""
    counts = Counter(row.status for row in rows)
    told = ", ".join(f"{counts[status]} {status.value}" for status in Status)
    head = f"{policy_set.name} {policy_set.hash}\n{told}\n\n"
    return head + "".join(line for row in rows for line in _lines(row))


def render_markdown(rows: Sequence[ControlRow]) -> str:
    """A table to paste into a document."""
    lines = [f"| {row.id} | {row.name} | {row.status.value} | {_cell(row)} |\n" for row in rows]
    return "".join(["| id | control | status | by |\n|---|---|---|---|\n", *lines])


def render_json(rows: Sequence[ControlRow]) -> str:
    """A list of thirty objects; fields are added, never renamed."""
    return json.dumps([_record(row) for row in rows], indent=2, ensure_ascii=False) + "\n"


def _moment(typed: str) -> UtcTime:
    try:
        return now() if typed == "now" else UtcTime.parse(typed)
    except ValueError as error:
        message = f"`--at {typed}`: write `now`, or an instant such as 2026-01-05T08:00:00Z"
        raise MisuseError(message) from error


def _lines(row: ControlRow) -> Iterator[str]:
    yield f"{row.id}  {row.status.value:<8}  {row.name}\n"
    for words in _paragraphs(row):
        # Names and paths are kept whole: they are there to be copied.
        for line in wrap(
            words,
            _WIDTH - len(_INSET),
            subsequent_indent="  ",
            break_on_hyphens=False,
            break_long_words=False,
        ):
            yield f"{_INSET}{line}\n"


def _paragraphs(row: ControlRow) -> Iterator[str]:
    documents = [each.name for each in row.by if each.kind is EvidenceKind.DOCUMENT]
    if documents:
        yield ", ".join(documents)
    for each in row.by:
        if each.kind is not EvidenceKind.DOCUMENT:
            yield _told(each)
    yield from (f"missing: {part}" for part in row.missing)
    yield from (f"claimed and not carried: {name}" for name in row.claims)


def _told(evidence: Evidence) -> str:
    match evidence.kind:
        case EvidenceKind.INVARIANT:
            count = len(evidence.shown_by)
            return f"engine: {evidence.says} ({count} test{'' if count == 1 else 's'})"
        case EvidenceKind.ARTEFACT:
            return f"{evidence.says} ({', '.join(evidence.shown_by)})"
        case EvidenceKind.MISSING_ARTEFACT:
            return f"to come: {evidence.says}"
        case EvidenceKind.DOCUMENT | EvidenceKind.WAIVER:
            return f"{evidence.name}: {evidence.says}"


def _cell(row: ControlRow) -> str:
    documents = [f"`{each.name}`" for each in row.by if each.kind is EvidenceKind.DOCUMENT]
    others = [_told(each) for each in row.by if each.kind is not EvidenceKind.DOCUMENT]
    missing = [f"missing: {part}" for part in row.missing]
    claims = [f"claimed and not carried: `{name}`" for name in row.claims]
    parts = [", ".join(documents), *others, *missing, *claims]
    return "; ".join(part.replace("|", "\\|") for part in parts if part)


def _record(row: ControlRow) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "status": row.status.value,
        "by": [
            {
                "kind": each.kind.value,
                "name": each.name,
                "says": each.says,
                "shown_by": list(each.shown_by),
            }
            for each in row.by
        ],
        "missing": list(row.missing),
        "claims": list(row.claims),
    }
