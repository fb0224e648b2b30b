"""Every verb of both commands, and the options that each takes, from the commands themselves."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, get_args, get_type_hints

from typer.models import OptionInfo

from cli.policy import POLICY
from cli.trader import TRADER
from cli.verbs import Group, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.verbs import Verb


def _verbs() -> Iterator[tuple[tuple[str, ...], Verb]]:
    for command in (TRADER, POLICY):
        for entry in command.verbs:
            if isinstance(entry, Group):
                yield from (((command.name, entry.name, each.name), each) for each in entry.verbs)
            else:
                yield (command.name, entry.name), entry


VERBS = dict(_verbs())


def options_of(name: tuple[str, ...]) -> set[str]:
    """Every option of a verb, as its function's annotations say."""
    function = load(VERBS[name])
    hints = get_type_hints(function, include_extras=True)
    found = {"--help"}
    for parameter in inspect.signature(function).parameters:
        infos = [each for each in get_args(hints[parameter])[1:] if isinstance(each, OptionInfo)]
        for info in infos:
            # Within `Annotated` the first name stands where a default would.
            words = (str(info.default), *(info.param_decls or ()))
            named = {each for each in words if each.startswith("--")}
            found |= named or {f"--{parameter.replace('_', '-')}"}
    return found
