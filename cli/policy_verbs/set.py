"""`policy set NAME PATH=VALUE…`: values changed where they are written, comments and all.

In: a document of a set, paths inside its `spec`, values. Out: the file with those stretches
replaced or added, and what the change does to the hash. In an overlay, what its base says is
changed by a patch of the overlay. Refuses any value with which the set no longer loads: then
nothing is written.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output.text import write_text
from cli.policy_verbs.lint import describe, inspect, refuses
from cli.policy_verbs.sets import MisuseError, chosen, misuse, near
from cli.policy_verbs.writing import replace_file
from engine.errors import MandateError
from engine.policyset.editing.changing import Change, NotThere, change
from engine.policyset.editing.replacing import Refused
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from engine.policyset.editing.changing import Changed
    from engine.policyset.policyset import PolicySet


@dataclass(slots=True)
class _Bench:
    """A set with its changes so far, in drafts."""

    directory: Path
    drafts: dict[Path, bytes] = field(default_factory=dict)

    def loaded(self) -> PolicySet:
        """The set as it would be; raises MandateError when it would not load."""
        return load_policy_set(self.directory, drafts=self.drafts).required()


def set(  # noqa: A001 - a verb is the function of its name
    name: Annotated[str, typer.Argument(metavar="NAME", help="A document, as NAME or Kind/NAME.")],
    changes: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH=VALUE",
            help="A path inside `spec`, as `policy show NAME` lists them, and a value as in YAML.",
        ),
    ],
    *,
    policies: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The directory of the policy set; left out, this one or `policies` below it.",
        ),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why, for a patch that has to be added.")
    ] = None,
) -> ExitCode:
    """Change values in the file that states them; comments and layout stay.

    Several at once are one change. Lists and tables are written as in YAML: `intents=[entry]`. What
    an overlay takes from its base is changed by a patch in the overlay. The set is checked with the
    new values first; when it would not load, nothing is written.
    """
    directory = chosen(policies)
    try:
        return _change(_Bench(directory), name, [_parsed(each, reason) for each in changes])
    except MisuseError as error:
        return misuse("set", str(error))


def _parsed(typed: str, reason: str | None) -> Change:
    dotted, equals, value = typed.partition("=")
    if not equals or not dotted:
        message = f"`{typed}` is not PATH=VALUE, as in params.max_order_usd=500"
        raise MisuseError(message)
    return Change(dotted.removeprefix("spec."), value, reason or "")


def _change(bench: _Bench, name: str, wanted: list[Change]) -> ExitCode:
    before = bench.loaded()
    done = [_draft(bench, name, each) for each in wanted]
    after = bench.loaded()
    for path in sorted({each.path for each in done}):
        replace_file(path, bench.drafts[path.resolve()])
    for each in done:
        typer.echo(f"{each.place}: {each.dotted} is now {each.typed}")
    typer.echo(f"{before.hash} was the set\n{after.hash} is the set")
    return _lint(bench.directory)


def _draft(bench: _Bench, name: str, wanted: Change) -> Changed:
    """One change, made in the drafts of those before it."""
    result = change(bench.directory, bench.drafts, name, wanted)
    if isinstance(result, NotThere):
        message = f"{result.reason}{near(result.name, result.known)}"
        raise MisuseError(message)
    if isinstance(result, Refused):
        if result.diagnostics:
            raise MandateError(result.diagnostics)
        raise MisuseError(result.reason)
    bench.drafts[result.path.resolve()] = result.text.encode()
    return result


def _lint(directory: Path) -> ExitCode:
    policy_set, findings = inspect(directory)
    write_text(findings, sys.stderr)
    typer.echo(describe(directory, policy_set, findings), err=True, nl=False)
    return ExitCode.FINDINGS if refuses(findings) else ExitCode.FINE
