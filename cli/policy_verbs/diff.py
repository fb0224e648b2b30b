"""`policy diff BASE [HEAD]`: what a change of policy does to risk.

In: two folders, or git revisions of one. Out: whether any order is allowed that was denied (a
proof, or an order with its numbers), whether one is protected as well as before, and every edit.
Exit status 0: neither looser nor weaker, 1: looser or weaker, 3: not known.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from enum import Enum
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output.format import Format, write_findings
from cli.policy_verbs.diff_told import as_json, as_markdown, as_text
from cli.policy_verbs.revisions import set_named
from cli.policy_verbs.sets import chosen
from engine.comparison.activating.activation import activation
from engine.comparison.activating.standing import standing_of
from engine.comparison.comparing import Protection, compare
from engine.comparison.findings import findings_of
from engine.comparison.proving.permission import Permission
from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.comparison.activating.activation import Act
    from engine.comparison.activating.standing import Standing
    from engine.comparison.comparing import Comparison
    from engine.policyset.policyset import PolicySet


class DiffFormat(Enum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    GITHUB = "github"


def diff(
    base: Annotated[
        str, typer.Argument(metavar="BASE", help="A folder with a policy set, or a git revision.")
    ],
    head: Annotated[
        str,
        typer.Argument(
            metavar="HEAD", help="The same; left out, the set as it is here.", show_default=False
        ),
    ] = "",
    *,
    policies: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The folder that a revision is asked for; else as lint."),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A trader's status as JSON: say what activation would do to what it holds.",
        ),
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Add the comment in Markdown to this file as well."),
    ] = None,
    output: Annotated[
        DiffFormat,
        typer.Option("--format", help="Text, JSON, a comment, or annotations of a pull request."),
    ] = DiffFormat.TEXT,
) -> ExitCode:
    """Say what a change of policy allows and how it protects, with a proof or an order.

    A revision is that of the folder `--policies`, as git has it. With `--state FILE`, from `trader
    status --format json`, what activation would do now is said too.
    """
    here = chosen(policies)
    with ExitStack() as stack:
        before, after = (set_named(stack, each, here) for each in (base, head or str(here)))
    acts = None if state is None else activation(standing_in(state), after)
    found = compare(before, after)
    _write(found, acts, after, output)
    if summary is not None:
        with summary.open("a", encoding="utf-8") as file:
            file.write(as_markdown(found, acts) + "\n")
    return _status(found)


def _write(
    found: Comparison, acts: Sequence[Act] | None, head: PolicySet, output: DiffFormat
) -> None:
    match output:
        case DiffFormat.JSON:
            typer.echo(json.dumps(as_json(found, acts), sort_keys=True))
        case DiffFormat.MARKDOWN:
            typer.echo(as_markdown(found, acts))
        case DiffFormat.TEXT:
            typer.echo("\n".join(as_text(found, acts)))
        case DiffFormat.GITHUB:
            write_findings(findings_of(found, acts, head), Format.GITHUB, sys.stdout)


def standing_in(file: Path) -> Standing:
    """What a trader holds, by its status as JSON; raises MandateError."""
    try:
        data = file.read_bytes()
    except OSError as error:
        message = f"`{file}` cannot be read: {(error.strerror or '').lower()}"
        mend = "write it: `trader status --format json > FILE`"
        raise MandateError([Diagnostic("M702", message, None, mend)]) from None
    return standing_of(data, str(file))


def _status(found: Comparison) -> ExitCode:
    if found.permission is Permission.LOOSER or found.protection is Protection.WEAKER:
        return ExitCode.FINDINGS
    if found.permission is Permission.UNKNOWN or found.protection is Protection.UNKNOWN:
        return ExitCode.UNDECIDED
    return ExitCode.FINE
