"""The two commands as they are started: real processes, and what they import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.application import _typer
from cli.policy import POLICY
from cli.trader import TRADER
from cli.verbs import Command, Group, Verb, load

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (POLICY, TRADER)
HEAVY = ("polars", "numba", "numpy", "z3", "httpx", "pydantic", "jsonschema", "ruamel", "rich")


def _all_verbs() -> list[Verb]:
    entries = [entry for command in COMMANDS for entry in command.verbs]
    inner = [verb for entry in entries if isinstance(entry, Group) for verb in entry.verbs]
    return [entry for entry in entries if isinstance(entry, Verb)] + inner


def _python(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_imports_nothing_heavy(command: Command) -> None:
    """`--help` is quick because it imports none of the libraries that a verb may need."""
    program = (
        f"import json, sys; sys.argv = ['{command.name}', '--help']\n"
        f"from cli.{command.name} import main\n"
        "try: main()\n"
        "except SystemExit as stop: status = stop.code\n"
        f"print(json.dumps([status, [name for name in {HEAVY} if name in sys.modules]]))"
    )
    finished = _python(program)
    assert finished.stderr == ""
    assert json.loads(finished.stdout.splitlines()[-1]) == [0, []]


@pytest.mark.parametrize("verb", _all_verbs(), ids=lambda verb: verb.module)
def test_every_verb_in_the_tables_is_there(verb: Verb) -> None:
    """Each row names a function that exists, with a docstring for its help."""
    assert load(verb).__doc__
    assert verb.help.endswith(".")


def test_reader_that_leaves_is_no_error() -> None:
    """A reader that closes the pipe early, as `head` does, is left alone without a word."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    program = "from cli.policy import main; main()"
    for words in (["--help"], ["explain", "--help"]):
        finished = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-c", program, *words],
            cwd=ROOT,
            stdout=write_end,
            stderr=subprocess.PIPE,
            check=False,
        )
        assert (finished.returncode, finished.stderr) == (141, b"")
    os.close(write_end)


def test_traces_never_print_locals() -> None:
    """No trace of Typer's prints local variables, which hold keys and balances."""
    assert _typer("help").pretty_exceptions_show_locals is False
