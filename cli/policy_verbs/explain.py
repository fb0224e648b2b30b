"""`policy explain CODE`: what a finding's code means.

In: a code of the catalogue, in any case. Out: its title, why it is refused, and text that
earns it. An unknown code is a usage error that names the nearest ones.
"""

from __future__ import annotations

from difflib import get_close_matches
from textwrap import indent
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from engine.codes import CODES

if TYPE_CHECKING:
    from engine.codes import Code

# As the style has it: unknown names list at most five others.
MAX_SUGGESTIONS = 5


def explain(
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="A code as a finding shows it: M203.")
    ],
) -> ExitCode:
    """Say what a finding's code means, why it is refused, and show text that earns it."""
    entry = CODES.get(code.upper())
    if entry is None:
        typer.echo(f"policy explain: there is no code `{code}`{_suggestion(code)}", err=True)
        return ExitCode.USAGE
    typer.echo(_page(entry), nl=False)
    return ExitCode.FINE


def _page(entry: Code) -> str:
    example = indent(entry.example.rstrip("\n"), "  ")
    return f"{entry.code}: {entry.title}\n\n{entry.why}\n\nFor example:\n{example}\n"


def _suggestion(code: str) -> str:
    near = get_close_matches(code.upper(), CODES, n=MAX_SUGGESTIONS)
    return f"; near it: {', '.join(near)}" if near else ""
