"""The table of verbs: what a command can do, said without importing any of it.

In: names, one-line helps, and the module that each verb lives in.
Out: `Verb`, `Group` and `Command`, plain values; `load` imports one verb when it is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.exit_codes import ExitCode


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: `module` holds a function of the verb's name (`-` written `_`).

    The function's annotated parameters are the options; it returns an `ExitCode`.
    """

    name: str
    help: str
    module: str

    @property
    def function(self) -> str:
        """The name of the function in `module`."""
        return self.name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Group:
    """Verbs under one word, as `audit` in `trader audit show`."""

    name: str
    help: str
    verbs: tuple[Verb, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """One of the two commands: its name, its sentence and its table."""

    name: str
    help: str
    verbs: tuple[Verb | Group, ...]


def load(verb: Verb) -> Callable[..., ExitCode]:
    """Import the verb's module, and with it whatever that verb alone needs."""
    function: Callable[..., ExitCode] = getattr(import_module(verb.module), verb.function)
    return function
