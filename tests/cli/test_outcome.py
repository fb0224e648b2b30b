"""Each way in which a verb can end, as the shell and a person see it."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from cli.verbs import Command, Group, Verb
from engine.errors import Diagnostic, MandateError, Place

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "canary-7c1f"  # noqa: S105 - it is there to be looked for in the output


def fine() -> ExitCode:
    """Do nothing, well."""
    return ExitCode.FINE


def undecided() -> ExitCode:
    """Find no answer."""
    return ExitCode.UNDECIDED


def mistaken() -> NoReturn:
    """Refuse what the user wrote."""
    raise MandateError([Diagnostic("M203", "unknown fact `x`", Place("f.yaml", 2, 3))])


def broken() -> NoReturn:
    """Have a fault, with a secret at hand."""
    raise ValueError(SECRET)


def interrupted() -> NoReturn:
    """Be stopped by a person."""
    raise KeyboardInterrupt


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    """A command whose verbs end in every way, one of them in a group."""
    module = ModuleType("verbs_for_tests")
    functions: tuple[Callable[[], ExitCode], ...] = (fine, undecided, mistaken, broken, interrupted)
    for function in functions:
        setattr(module, function.__name__, function)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    verbs = tuple(
        Verb(each.__name__, f"Be {each.__name__}.", module.__name__) for each in functions
    )
    absent = Verb("absent", "Live in no module.", "cli.no_such_module")
    return Command(
        "mandate", "A command for tests.", (*verbs, absent, Group("more", "More.", verbs))
    )


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("fine", 0),
        ("more fine", 0),
        ("mistaken", 1),
        ("more mistaken", 1),
        ("nonsense", 2),
        ("fine --nonsense", 2),
        ("more", 2),
        ("", 2),
        ("undecided", 3),
        ("broken", 4),
        ("absent", 4),
        ("interrupted", 130),
        ("--help", 0),
        ("fine --help", 0),
        ("more --help", 0),
        ("more fine --help", 0),
        ("--version", 0),
    ],
)
def test_exit_status(command: Command, words: str, status: int) -> None:
    """The exit status is the one of the contract, in the command and in a group."""
    assert run(command, words.split()) == status


def test_findings_are_printed(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """A user's mistake is printed as a finding, on standard error, without a trace."""
    run(command, ["mistaken"])
    assert capsys.readouterr() == ("", "f.yaml:2:3: M203: unknown fact `x`\n")


def test_internal_error_shows_no_value(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error of ours names its type and place and how to see more; its values stay inside."""
    run(command, ["broken", SECRET])
    capsys.readouterr()
    run(command, ["broken"])
    shown = capsys.readouterr().err
    assert shown.startswith("mandate: internal error: ValueError in test_outcome.py:")
    assert "`mandate --traceback broken …`" in shown
    assert SECRET not in shown


def test_traceback_is_there_when_asked_for(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--traceback` prints the whole trace, and the exit status stays."""
    assert run(command, ["--traceback", "broken"]) == ExitCode.INTERNAL
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_interrupt_is_quiet(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """A person who presses Control-C is told nothing that they do not know."""
    run(command, ["interrupted"])
    assert capsys.readouterr() == ("", "")


def test_help_lists_every_verb(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """The list of verbs is the table, with verbs whose module cannot even be imported."""
    run(command, ["--help"])
    shown = capsys.readouterr().out
    assert all(f"  {verb.name} " in shown and verb.help in shown for verb in command.verbs)


def test_help_of_a_verb_is_its_docstring(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """`VERB --help` says what the function says."""
    run(command, ["more", "undecided", "--help"])
    assert "Find no answer." in capsys.readouterr().out


def test_stranger_is_refused(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside another package of our names nothing is started, and the package is named."""
    monkeypatch.setattr("cli.main.find_stranger", lambda: "`other` also provides `engine`")
    assert run(command, ["fine"]) == ExitCode.INTERNAL
    assert capsys.readouterr().err == "mandate: `other` also provides `engine`\n"
