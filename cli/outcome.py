"""The frame around every verb: how each way of ending is told to the shell and to a person.

In: a `Command` and its arguments. Out: an exit status.
A user's mistake is printed as findings; an error of ours as one line without its values, since
they may be secrets; an interrupt and a reader that went away as nothing at all.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from cli.application import Invocation, parse
from cli.exit_codes import ExitCode
from engine.errors import MandateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.verbs import Command


def settle(command: Command, arguments: Sequence[str]) -> int:
    """Parse and call, and turn whatever happens into an exit status."""
    invocation = Invocation()
    try:
        return _call(command, arguments, invocation)
    except SystemExit as stop:
        return _reader_gone() if _is_closed_pipe(stop) else _status_of(stop)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    except MandateError as error:
        return _print_findings(error)
    except Exception as error:  # noqa: BLE001 - the last frame: an error of ours has a status too
        return _print_internal(command, arguments, invocation, error)


def _call(command: Command, arguments: Sequence[str], invocation: Invocation) -> int:
    parse(command, arguments, invocation)
    status = invocation.call() if invocation.call else ExitCode.FINE
    # A closed pipe must show here, not in the interpreter's own flush at its end.
    sys.stdout.flush()
    return status


def _status_of(stop: SystemExit) -> int:
    return stop.code if isinstance(stop.code, int) else ExitCode.FINE


def _is_closed_pipe(stop: SystemExit) -> bool:
    # Click prints the help itself and turns the broken pipe into exit status 1.
    return isinstance(stop.__context__, BrokenPipeError)


def _reader_gone() -> ExitCode:
    """Leave quietly; what is still buffered goes nowhere instead of raising once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return ExitCode.READER_GONE


def _print_findings(error: MandateError) -> ExitCode:
    from cli.output.text import write_text  # noqa: PLC0415 - only a failing run pays for it

    write_text(error.diagnostics, sys.stderr)
    return ExitCode.FINDINGS


def _print_internal(
    command: Command, arguments: Sequence[str], invocation: Invocation, error: Exception
) -> ExitCode:
    import traceback  # noqa: PLC0415 - only a failing run pays for it

    if invocation.traceback:
        sys.stderr.write("".join(traceback.format_exception(error)))
        return ExitCode.INTERNAL
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119 - a name, no file
    verb = " ".join((command.name, "--traceback", *arguments[:1], "…"))
    sys.stderr.write(
        f"{command.name}: internal error: {type(error).__name__} in {where}\n"
        f"  help: this is a fault of ours; `{verb}` prints its trace\n"
    )
    return ExitCode.INTERNAL
