"""The policy set that a verb is about: its argument, and the words for a misuse.

In: what was typed. Out: the directory of a set, or a line on stderr with the usage status.
Where no directory is named it is this one when it holds a set, else `policies` below it.
"""

from __future__ import annotations

import time
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterable

SET_FILE = "policyset.yaml"
USUAL = Path("policies")
# As the style has it: unknown names list at most five others.
MAX_SUGGESTIONS = 5

Directory = Annotated[
    Path | None,
    typer.Argument(
        metavar="DIR",
        help="The directory of a policy set; left out, this one or `policies` below it.",
        show_default=False,
    ),
]


class MisuseError(Exception):
    """What was typed cannot be followed; its text says why."""


def chosen(directory: Path | None) -> Path:
    """The directory that is meant."""
    if directory is not None:
        return directory
    return Path() if Path(SET_FILE).is_file() or not USUAL.is_dir() else USUAL


def now() -> UtcTime:
    """The wall clock, read once a verb; the engine's own brings an event loop with it."""
    return UtcTime(time.time_ns())


def misuse(verb: str, words: str) -> ExitCode:
    """Say on stderr why the words of the command line cannot be followed."""
    typer.echo(f"policy {verb}: {words}", err=True)
    return ExitCode.USAGE


def near(name: str, known: Iterable[str]) -> str:
    """The names that `name` may have stood for, as the end of a sentence; empty without any."""
    names = sorted(known)
    found = get_close_matches(name, names, n=MAX_SUGGESTIONS, cutoff=0.5)
    return f"; near it: {', '.join(f'`{each}`' for each in found)}" if found else ""
