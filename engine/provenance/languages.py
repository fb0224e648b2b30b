"""Versions of the policy language: which are spoken, until when, and how one becomes the next.

In: a registry, names of versions, a day. Out: where a version stands; the steps from one to
another; the new text of a document, comments kept. Refuses (M773) a version that this engine does
not speak, and a way that nobody has written.

A version that is to go is told as deprecated for a stated time before any engine refuses to read
it for a run. Old records are judged by the version that they were made under for as long as an
engine speaks it, and no migration touches a ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.policyset.policyset import LANGUAGE_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.times import UtcTime


class Standing(Enum):
    """Where a version stands on a day."""

    CURRENT = "current"
    DEPRECATED = "deprecated"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Language:
    """One version: its name in a command and in documents, and when it goes, if it does."""

    name: str
    api_version: str
    expressions: str
    deprecated: UtcTime | None = None
    ends: UtcTime | None = None

    def standing(self, now: UtcTime) -> Standing:
        """Where it stands now."""
        if self.ends is not None and now >= self.ends:
            return Standing.ENDED
        if self.deprecated is not None and now >= self.deprecated:
            return Standing.DEPRECATED
        return Standing.CURRENT


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: `rewrite` takes the text of a file and gives it in the next version."""

    old: str
    new: str
    rewrite: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Languages:
    """All that an engine speaks, the oldest first, and the steps between them."""

    spoken: tuple[Language, ...]
    migrations: tuple[Migration, ...] = ()

    def named(self, name: str) -> Language | Diagnostic:
        """The version of this name."""
        found = next((each for each in self.spoken if each.name == name), None)
        if found is not None:
            return found
        spoken = ", ".join(f"`{each.name}`" for each in self.spoken)
        message = f"this engine does not speak `{name}`"
        return Diagnostic("M773", message, None, f"it speaks {spoken}")

    def way(self, old: str, new: str) -> tuple[Migration, ...] | Diagnostic:
        """The steps from one version to another, one after the other."""
        for each in (self.named(old), self.named(new)):
            if isinstance(each, Diagnostic):
                return each
        steps: list[Migration] = []
        at = old
        while at != new:
            step = next((each for each in self.migrations if each.old == at), None)
            if step is None or len(steps) > len(self.migrations):
                message = f"nobody has written a way from `{old}` to `{new}`"
                mend = "a set is migrated forward, to a version that this engine speaks"
                return Diagnostic("M773", message, None, mend)
            steps.append(step)
            at = step.new
        return tuple(steps)


def migrated(text: str, steps: tuple[Migration, ...]) -> str:
    """The text of one file after all steps."""
    for each in steps:
        text = each.rewrite(text)
    return text


LANGUAGES = Languages((Language("v1", "mandate/v1", LANGUAGE_VERSION),))
"""What this engine speaks: one version, which nothing is to replace yet."""
