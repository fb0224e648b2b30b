"""Opening a policy set: from a directory to a sealed set, or to all that is wrong with it.

In: a directory. Out: `Loaded`. Refuses nothing by raising: findings are values.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from errno import ELOOP
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError, in_file_order
from engine.policyset.composing import compose
from engine.policyset.loading import load
from engine.policyset.reading.scalars import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from engine.policyset.loading import LoadResult
    from engine.policyset.policyset import PolicySet

_DECLARED = ("policy.", "limit.", "breaker.", "waiver.", "strategy.")


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


def load_policy_set(
    directory: Path, *, top: Path | None = None, drafts: Mapping[Path, bytes] | None = None
) -> Loaded:
    """Read, shape, type, lower and seal the set in `directory`.

    `top` and `drafts` as for `loading.load`: what nothing is read from outside of, and files, by
    resolved path, as they would be.
    """
    try:
        _follow(directory)
        loaded = load(directory, top=top, drafts=drafts)
    except OSError as error:
        return Loaded(None, (_unreachable(directory, error),))
    if loaded.refused:
        return Loaded(None, in_file_order((*loaded.diagnostics, *_own_faults(loaded))))
    composed = compose(loaded.documents, loaded.name)
    found = in_file_order((*loaded.diagnostics, *composed.diagnostics))
    return Loaded(composed.policy_set, found)


def _own_faults(loaded: LoadResult) -> Iterator[Diagnostic]:
    """What can be said of the other documents, though one could not be built.

    It is missing to them, which is no fault of theirs: nothing is said of what they refer to.
    """
    names = Counter(each.name for each in loaded.documents)
    # Of two documents with one name nobody knows which is meant; M145 has said so of both.
    rest = [each for each in loaded.documents if each.kind != "Waiver" and names[each.name] == 1]
    for each in compose(rest, loaded.name).diagnostics:
        if each.code != "M335" and not (each.code == "M203" and _of_the_set(each)):
            yield each


def _of_the_set(unknown: Diagnostic) -> bool:
    """Whether the unknown fact may be one that the missing document declares."""
    at = unknown.place
    return at is not None and at.source_line[at.column - 1 :].startswith(_DECLARED)


def _follow(directory: Path) -> None:
    """Raise OSError for a circle of links, which Python before 3.13 tells with a RuntimeError."""
    try:
        directory.resolve()
    except RuntimeError as error:
        raise OSError(ELOOP, os.strerror(ELOOP)) from error


def _unreachable(directory: Path, error: OSError) -> Diagnostic:
    message = f"{quoted(str(directory))} cannot be read: {(error.strerror or '').lower()}"
    return Diagnostic("M141", message, help="check the path and its permissions")
