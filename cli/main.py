"""The door of both commands: who we are is settled before anything else is imported.

In: a `Command` and its arguments. Out: an exit status.
Refuses to start beside another installed package that provides `engine` or `cli`.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from cli.exit_codes import ExitCode
from cli.guard import find_stranger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.verbs import Command


def run(command: Command, arguments: Sequence[str]) -> int:
    """Do what the arguments say and return the exit status."""
    if stranger := find_stranger():
        sys.stderr.write(f"{command.name}: {stranger}\n")
        return ExitCode.INTERNAL
    # A plug-in that something else installed could change what a document means; besides, to
    # look for one takes longer than to read a small set.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    # Only now: this imports `engine`, which until here could have been somebody else's.
    from cli.outcome import settle  # noqa: PLC0415 - the guard comes first

    return settle(command, arguments)
