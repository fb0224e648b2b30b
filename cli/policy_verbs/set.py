"""`policy set NAME PATH=VALUE`: one value changed where it is written, comments and all.

In: a document of a set, a path inside its `spec`, a value. Out: the file with that one stretch
of a line replaced, and what the change does to the hash. Refuses what is not written as one
value, what stands in a base that other sets share, and any value with which the set no longer
loads: then nothing is written.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output.text import write_text
from cli.policy_verbs.lint import describe, inspect, refuses
from cli.policy_verbs.sets import SET_FILE, MisuseError, chosen, misuse, near
from cli.policy_verbs.writing import replace_file
from engine.errors import MandateError
from engine.policyset.editing.origins import values_of
from engine.policyset.editing.replacing import Refused, replace_scalar
from engine.policyset.loading import load
from engine.policyset.opening import load_policy_set
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import plain

if TYPE_CHECKING:
    from engine.kinds.base import Document
    from engine.policyset.editing.origins import Stated
    from engine.policyset.policyset import PolicySet


def set(  # noqa: A001 - a verb is the function of its name
    name: Annotated[str, typer.Argument(metavar="NAME", help="A document, as NAME or Kind/NAME.")],
    change: Annotated[
        str,
        typer.Argument(
            metavar="PATH=VALUE", help="A path inside `spec`, as `policy show NAME` lists them."
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
) -> ExitCode:
    """Change one value in the file that states it; comments and layout stay.

    The set is checked with the new value first. When it would not load, nothing is written.
    """
    directory = chosen(policies)
    try:
        return _change(directory, name, change)
    except MisuseError as error:
        return misuse("set", str(error))


def _change(directory: Path, name: str, change: str) -> ExitCode:
    dotted, equals, typed = change.partition("=")
    if not equals or not dotted:
        message = f"`{change}` is not PATH=VALUE, as in params.max_order_usd=500"
        raise MisuseError(message)
    before = load_policy_set(directory).required()
    stated = _stated(_document(before, name), dotted.removeprefix("spec."))
    _own(directory, name, stated)
    path = Path(stated.place.file)
    old = path.read_bytes()
    new = _edited(old, stated, typed)
    after = load_policy_set(directory, drafts={path.resolve(): new}).required()
    replace_file(path, new)
    typer.echo(f"{stated.place}: {stated.dotted} is now {typed}")
    typer.echo(f"{before.hash} was the set\n{after.hash} is the set")
    return _lint(directory)


def _document(policy_set: PolicySet, name: str) -> Document:
    documents = [each.document for each in policy_set.sealed]
    found = next((each for each in documents if name in (each.name, each.id)), None)
    if found is None:
        message = f"no document `{name}` in the set{near(name, (d.name for d in documents))}"
        raise MisuseError(message)
    return found


def _stated(document: Document, dotted: str) -> Stated:
    values = {each.dotted: each for each in values_of(document)}
    found = values.get(dotted)
    if found is None:
        missing = f"`{document.id}` does not state `{dotted}` as one value"
        message = f"{missing}{near(dotted, values)}"
        raise MisuseError(message)
    return found


def _own(directory: Path, name: str, stated: Stated) -> None:
    """Refuse a value that an overlay only takes over: other sets have the same base."""
    base = _base_of(directory)
    if base is None:
        return
    files = {place.file for each in load(base).documents for place in (each.places.of(()),)}
    if stated.place.file in files:
        patch = f"add it to the patches of {directory / SET_FILE}"
        instead = f"change the base with `policy set --policies {base} {name} …`"
        message = f"{stated.place} belongs to the base of this set: {patch}, or {instead}"
        raise MisuseError(message)


def _base_of(directory: Path) -> Path | None:
    # INVARIANT: the set has been loaded, so its file can be read and has this shape.
    path = directory / SET_FILE
    root = read_yaml(path.read_bytes(), str(path)).root
    match plain(root) if root else None:
        case {"spec": {"base": str(base)}}:
            return Path(os.path.normpath(directory / base))
        case _:
            return None


def _edited(old: bytes, stated: Stated, typed: str) -> bytes:
    result = replace_scalar(old.decode("utf-8"), stated.place, typed)
    if not isinstance(result, Refused):
        return result.encode("utf-8")
    if result.diagnostics:
        raise MandateError(result.diagnostics)
    message = f"{stated.place}: {result.reason}"
    raise MisuseError(message)


def _lint(directory: Path) -> ExitCode:
    policy_set, findings = inspect(directory)
    write_text(findings, sys.stderr)
    typer.echo(describe(directory, policy_set, findings), err=True, nl=False)
    return ExitCode.FINDINGS if refuses(findings) else ExitCode.FINE
