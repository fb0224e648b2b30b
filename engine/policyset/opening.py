"""Opening a policy set: from a directory to a sealed set, or to all that is wrong with it.

In: a directory. Out: `Loaded`. Refuses nothing by raising: findings are values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError, in_file_order
from engine.policyset.composing import compose
from engine.policyset.loading import load

if TYPE_CHECKING:
    from pathlib import Path

    from engine.policyset.policyset import PolicySet


@dataclass(frozen=True, slots=True)
class Loaded:
    """A policy set, or None, and every finding in file order."""

    policy_set: PolicySet | None
    diagnostics: tuple[Diagnostic, ...]

    def required(self) -> PolicySet:
        """The set; raises MandateError with the findings when there is none."""
        if self.policy_set is None:
            raise MandateError(self.diagnostics)
        return self.policy_set


def load_policy_set(directory: Path) -> Loaded:
    """Read, shape, type, lower and seal the set in `directory`."""
    loaded = load(directory)
    if loaded.refused:
        return Loaded(None, loaded.diagnostics)
    composed = compose(loaded.documents, loaded.name)
    found = in_file_order((*loaded.diagnostics, *composed.diagnostics))
    return Loaded(composed.policy_set, found)
