"""From a table of verbs and the words typed to one call that is ready to be made.

In: a `Command` and its arguments. Out: a filled-in `Invocation`; usage, help and version end in
`SystemExit`, as Click has it. Only the verb that is named gets imported: the others stand in
the help as one line from the table, so `--help` costs no more than Typer itself.
The call is made outside of Click (`cli.outcome`), which would turn its errors into its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, wraps
from typing import TYPE_CHECKING, Annotated

import typer
from typer.main import get_command

from cli.guard import DISTRIBUTION
from cli.verbs import Command, Group, Verb, load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cli.exit_codes import ExitCode

VERSION_HELP = "Print the version and leave."
TRACEBACK_HELP = "Print the trace of an internal error."


@dataclass(slots=True)
class Invocation:
    """What the arguments asked for; filled in while they are parsed."""

    call: Callable[[], ExitCode] | None = None
    traceback: bool = False


def parse(command: Command, arguments: Sequence[str], invocation: Invocation) -> None:
    """Read the arguments into `invocation`; raises SystemExit for help, version and misuse."""
    app = _application(command, _words(arguments), invocation)
    try:
        get_command(app)(args=list(arguments), prog_name=command.name)
    except SystemExit:
        if invocation.call is None:
            raise


def release() -> str:
    """The version of the installed distribution, or that there is none."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow, and rare

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "not installed"


def _words(arguments: Sequence[str]) -> tuple[str, ...]:
    """The first two words that are not options: a verb, or a group and its verb."""
    return tuple(word for word in arguments if not word.startswith("-"))[:2]


def _application(command: Command, words: tuple[str, ...], invocation: Invocation) -> typer.Typer:
    app = _typer(command.help)
    app.callback()(_options(invocation))
    for entry in command.verbs:
        if isinstance(entry, Verb):
            _add(app, entry, invocation, wanted=words[:1] == (entry.name,))
        else:
            app.add_typer(_group(entry, words, invocation), name=entry.name)
    return app


def _group(group: Group, words: tuple[str, ...], invocation: Invocation) -> typer.Typer:
    app = _typer(group.help)
    # Without a callback Typer folds a group of one verb into that verb.
    app.callback()(lambda: None)
    for verb in group.verbs:
        _add(app, verb, invocation, wanted=words == (group.name, verb.name))
    return app


def _typer(help_text: str) -> typer.Typer:
    return typer.Typer(
        help=help_text,
        no_args_is_help=True,
        add_completion=False,
        # Rich markup doubles the start-up time, and would read brackets in a help as styles.
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        # INVARIANT: a trace never prints locals; they hold keys and balances.
        pretty_exceptions_show_locals=False,
    )


def _add(app: typer.Typer, verb: Verb, invocation: Invocation, *, wanted: bool) -> None:
    function = _bind(load(verb), invocation) if wanted else _only_listed
    # The help of the verb itself is its docstring; the list shows the line of the table.
    app.command(verb.name, help=None if wanted else verb.help, short_help=verb.help)(function)


def _only_listed() -> None:
    # INVARIANT: a verb that is named was loaded; a listed one is never called.
    raise AssertionError


def _bind(function: Callable[..., ExitCode], invocation: Invocation) -> Callable[..., None]:
    @wraps(function)
    def bound(*args: object, **kwargs: object) -> None:
        invocation.call = partial(function, *args, **kwargs)

    return bound


def _options(invocation: Invocation) -> Callable[..., None]:
    def options(
        *,
        version: Annotated[  # noqa: ARG001 - answered by its callback, before any verb
            bool,
            typer.Option("--version", is_eager=True, callback=_show_version, help=VERSION_HELP),
        ] = False,
        traceback: Annotated[bool, typer.Option("--traceback", help=TRACEBACK_HELP)] = False,
    ) -> None:
        invocation.traceback = traceback

    return options


def _show_version(context: typer.Context, asked: bool) -> None:  # noqa: FBT001 - Typer's order
    if asked:
        typer.echo(f"{context.info_name} {release()}")
        raise typer.Exit
