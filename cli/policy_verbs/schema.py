"""`policy schema`: the JSON Schemas of the documents, and the vocabulary, as files for editors.

In: the kinds, and a directory. Out: one schema on stdout, or `schemas/` written or compared byte
for byte. The document classes are the truth; what is committed must be what they generate.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.policy_verbs.facts import render_json
from cli.policy_verbs.sets import misuse, near
from engine.checks.document import DOCUMENTS
from engine.expr.facts import VOCABULARY
from engine.kinds.registry import KINDS
from engine.policyset.shaping.schemas import DIALECT, LISTS, file_name, schema_of
from engine.policyset.shaping.schemas import generated as schema_generated

FACTS_FILE = "facts.json"
_ALL = (*KINDS, *LISTS, *DOCUMENTS)
STALE = "schemas are stale: run `policy schema --write`"


def schema(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND", help="Print the schema of this kind.", show_default=False),
    ] = None,
    *,
    write: Annotated[bool, typer.Option("--write", help="Write all files into FOLDER.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with status 1 when FOLDER is not up to date.")
    ] = False,
    folder: Annotated[
        Path, typer.Option("--in", metavar="FOLDER", help="Where the files are.")
    ] = Path("schemas"),
) -> ExitCode:
    """Print a kind's JSON Schema, or write or check the files that editors read.

    Without an argument or option: list the kinds with their files.
    """
    if (kind is not None) + write + check > 1:
        return misuse("schema", "a KIND, `--write` and `--check` go one at a time")
    if kind is not None:
        return _show(kind)
    if write:
        return _write(folder)
    return _check(folder) if check else _list()


def generated() -> dict[str, str]:
    """The text of every file under `schemas/`, by its name."""
    schemas = {file_name(kind): _text(kind) for kind in _ALL}
    return schemas | {FACTS_FILE: render_json(VOCABULARY.specs.values())}


def _text(kind: str) -> str:
    return json.dumps(_schema(kind), indent=2, ensure_ascii=False) + "\n"


def _schema(kind: str) -> dict[str, object]:
    """That of a policy kind, or of what lies beside policies and is none."""
    if kind not in DOCUMENTS:
        return schema_of(kind)
    return {"$schema": DIALECT, **schema_generated(DOCUMENTS[kind]), "title": kind}


def _list() -> ExitCode:
    width = max(len(kind) for kind in _ALL)
    for kind in _ALL:
        typer.echo(f"{kind:<{width}}  {file_name(kind)}")
    return ExitCode.FINE


def _show(kind: str) -> ExitCode:
    names = {each.lower(): each for each in _ALL}
    found = names.get(kind.lower().replace("-", ""))
    if found is None:
        return misuse("schema", f"there is no kind `{kind}`{near(kind, names.values())}")
    typer.echo(_text(found), nl=False)
    return ExitCode.FINE


def _write(folder: Path) -> ExitCode:
    files = generated()
    try:
        _replace(folder, files)
    except OSError as error:
        return misuse("schema", f"cannot write to `{folder}`: {(error.strerror or '').lower()}")
    typer.echo(f"{folder}: {len(files)} files written")
    return ExitCode.FINE


def _replace(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in _strangers(folder, files):
        (folder / name).unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _check(folder: Path) -> ExitCode:
    files = generated()
    stale = [name for name, text in files.items() if _committed(folder / name) != text]
    stale += _strangers(folder, files)
    for name in stale:
        typer.echo(f"{folder / name}: not what the document classes say", err=True)
    if stale:
        typer.echo(STALE, err=True)
        return ExitCode.FINDINGS
    return ExitCode.FINE


def _strangers(folder: Path, files: dict[str, str]) -> list[str]:
    """Schemas of kinds that there are no more."""
    return sorted(each.name for each in folder.glob("*.schema.json") if each.name not in files)


def _committed(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
