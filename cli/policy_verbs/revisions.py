"""A policy set by what was typed: a folder, or a git revision of the folder at hand.

In: the word, the folder. Out: the set. Refuses (M701) what is neither.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli.policy_verbs.sets import SET_FILE
from engine.adapters.environment.revisions import as_of
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from contextlib import ExitStack

    from engine.policyset.policyset import PolicySet


def set_named(stack: ExitStack, named: str, here: Path) -> PolicySet:
    """The set; `stack` takes a revision's files away at its end."""
    folder = Path(named)
    if not (folder / SET_FILE).is_file():
        folder = stack.enter_context(as_of(named, here))
    return load_policy_set(folder).required()
