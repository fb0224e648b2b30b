"""`policy eval`: one expression over stated facts, or a stream of them.

In: an expression and a file of facts, or JSON lines on stdin. Out: the value as JSON (`undecided`
where there is none), or one JSON line for each line, as soon as it is known.
Exit status 1 for an expression that is refused, 3 for one that is undecided.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output.text import write_text
from cli.policy_verbs.sets import misuse
from engine.errors import Diagnostic, MandateError
from engine.expr.backends.registry import DEFAULT_BACKEND, backend_names
from engine.expr.evaluation import evaluate_batch, evaluate_text, missing_facts
from engine.expr.stating.stated import read_stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NO_VALUE = "policy eval: undecided though no fact is missing: no number comes out, as of 1 / 0"
# Not UTF-8, and therefore not JSON either: the line is answered like any other that is not.
_UNREADABLE = "\ufffd"


def eval(  # noqa: A001 - a verb is the function of its name
    expression: Annotated[
        str | None, typer.Argument(metavar="EXPR", help="The expression.", show_default=False)
    ] = None,
    *,
    facts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A JSON object of facts; `-` is stdin. Null is a fact that is missing.",
        ),
    ] = None,
    backend: Annotated[
        str, typer.Option(help=f"Which meaning evaluates: {', '.join(backend_names())}.")
    ] = DEFAULT_BACKEND,
    batch: Annotated[
        bool,
        typer.Option("--batch", help='JSON lines from stdin: {"expr", "facts", "backend"?}.'),
    ] = False,
) -> ExitCode:
    """Evaluate an expression over stated facts.

    Prints the value as JSON; `undecided`, with exit status 3, where a fact that decides is missing.
    With `--batch`, each line of stdin is answered by a line {"value", "error"?} on stdout.
    """
    if backend not in backend_names():
        known = ", ".join(f"`{each}`" for each in backend_names())
        return misuse("eval", f"there is no backend `{backend}`; backends are {known}")
    if batch:
        if expression is not None or facts is not None:
            return misuse("eval", "`--batch` takes expressions and facts from stdin alone")
        return _answer_lines(backend)
    if expression is None:
        return misuse("eval", "give an expression, or `--batch`")
    try:
        data = _bytes_of(facts) if facts else b"{}"
    except OSError as error:
        return misuse("eval", f"`{facts}` cannot be read: {(error.strerror or '').lower()}")
    return _answer(expression, _stated(data, str(facts)), backend)


def _answer(expression: str, facts: Mapping[str, object], backend: str) -> ExitCode:
    result = evaluate_text(expression, facts, backend)
    write_text(result.diagnostics, sys.stderr)
    if result.error_code is not None:
        return ExitCode.FINDINGS
    if result.value is None:
        typer.echo("undecided")
        missing = ", ".join(f"`{each}`" for each in missing_facts(expression, facts))
        typer.echo(f"policy eval: undecided without {missing}" if missing else _NO_VALUE, err=True)
        return ExitCode.UNDECIDED
    typer.echo(json.dumps(result.value, ensure_ascii=False))
    return ExitCode.FINE


def _answer_lines(backend: str) -> ExitCode:
    for answer in evaluate_batch(_decoded(sys.stdin.buffer), backend):
        # Whoever asks line by line waits for the answer before the next line.
        typer.echo(answer)
    return ExitCode.FINE


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    for line in lines:
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            yield _UNREADABLE


def _bytes_of(path: Path) -> bytes:
    return sys.stdin.buffer.read() if path == Path("-") else path.read_bytes()


def _stated(data: bytes, file: str) -> Mapping[str, object]:
    """The facts in the file; raises MandateError when it states none."""
    stated = read_stated(data, "<stdin>" if file == "-" else file)
    if isinstance(stated, Diagnostic):
        raise MandateError([stated])
    return stated
