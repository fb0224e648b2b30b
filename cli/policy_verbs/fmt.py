"""`policy fmt [PATH…]`: policy files in the one layout.

In: directories of sets, files, or nothing for the usual set. Out: the files rewritten, their names
on stdout; with `--check` only the names of those that would be. Refuses files that cannot be read
or do not have the form of their kind, with findings, and goes on with the others.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output.text import summary, write_text
from cli.policy_verbs.sets import MisuseError, chosen, misuse
from cli.policy_verbs.writing import refuse_link, replace_file
from engine.errors import Diagnostic, in_file_order
from engine.policyset.layout.files import own_files
from engine.policyset.layout.layout import lay_out
from engine.policyset.reading.files import PolicyFile, read_file, shown
from engine.policyset.reading.scalars import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class _Changed:
    """A file that is not in the layout, and its text in it."""

    file: PolicyFile
    text: str


def fmt(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            help="Directories of policy sets, or files; left out, this set or `policies`.",
            show_default=False,
        ),
    ] = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; status 1 when a file would change.")
    ] = False,
) -> ExitCode:
    """Write policy files in the one layout; no hash changes.

    Keys in the order of the schema, two spaces of indent, brackets where they fit on a line, plain
    numbers, quotes only where they are needed, long expressions broken after `|`. Comments stay
    with what they are about. Of a directory: the files of every set in it, bases apart.
    """
    files, found = _files(paths or [chosen(None)])
    changed: list[_Changed] = []
    for file in files:
        _lay_out(file, changed, found)
    try:
        told = _check(changed) if check else _write(changed)
    except MisuseError as error:
        return misuse("fmt", str(error))
    write_text(in_file_order(found), sys.stderr)
    typer.echo(_summary(len(files), changed, found, check=check), err=True)
    return ExitCode.FINDINGS if found or (told and check) else ExitCode.FINE


def _files(paths: Iterable[Path]) -> tuple[list[PolicyFile], list[Diagnostic]]:
    files: dict[Path, PolicyFile] = {}
    found: list[Diagnostic] = []
    for path in paths:
        taken, wrong = own_files(path) if path.is_dir() else ([PolicyFile(shown(path), path)], [])
        files |= {each.path.resolve(): each for each in taken}
        found += wrong
    return sorted(files.values()), found


def _lay_out(file: PolicyFile, changed: list[_Changed], found: list[Diagnostic]) -> None:
    data = read_file(file)
    if isinstance(data, OSError):
        message = f"{quoted(file.shown)} cannot be read: {(data.strerror or '').lower()}"
        mend = "check the path and its permissions"
        found.append(Diagnostic("M141", message, None, mend))
        return
    laid = lay_out(data, file.shown)
    found += laid.diagnostics
    if laid.text is not None and laid.text.encode() != data:
        changed.append(_Changed(file, laid.text))


def _check(changed: Sequence[_Changed]) -> bool:
    for each in changed:
        typer.echo(each.file.shown)
    return bool(changed)


def _write(changed: Sequence[_Changed]) -> bool:
    for each in changed:
        refuse_link(each.file.path)
    for each in changed:
        replace_file(each.file.path, each.text.encode())
        typer.echo(each.file.shown)
    return bool(changed)


def _summary(
    count: int, changed: Sequence[_Changed], found: Sequence[Diagnostic], *, check: bool
) -> str:
    files = f"{count} file{'' if count == 1 else 's'}"
    done = "would change" if check else "changed"
    told = f", {summary(found)}" if found else ""
    return f"policy fmt: {files} looked at, {len(changed)} {done}{told}"
