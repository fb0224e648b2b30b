"""Where the key of the account would come from, and whether it could sign; never what it is.

In: the places of secrets, a mode. Out: what was seen of the key, and checks. Reads each secret to
say whether it is one, uses none, and tells no value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import MandateError
from engine.model.orders import Mode
from engine.run.doctor.checks import Check, Level, Section
from engine.run.real_time.keys import KEY_PARTS, find_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.adapters.environment import SecretSources
    from engine.errors import Diagnostic
    from engine.model.times import UtcTime

_S_PER_D = 86_400


@dataclass(frozen=True, slots=True)
class KeySeen:
    """Each part of the key with its place (None: nowhere), when it was made, what is wrong."""

    places: tuple[tuple[str, str | None], ...]
    created: UtcTime | None
    findings: tuple[Diagnostic, ...]


def key_seen(sources: SecretSources) -> KeySeen:
    """Look in every place."""
    try:
        find_key(sources)
        found: tuple[Diagnostic, ...] = ()
    except MandateError as error:
        found = error.diagnostics
    places = tuple((name, sources.where(name)) for name in KEY_PARTS)
    return KeySeen(places, sources.oldest(KEY_PARTS), found)


def keys(mode: Mode, seen: KeySeen, now: UtcTime) -> Iterator[Check]:
    """Where each part comes from, what stands against it, and how old it is."""
    needed = mode is Mode.LIVE
    if not needed and not any(place for _, place in seen.places):
        says = f"none is needed in mode {mode.value}; a `--venue` of your own asks for one"
        yield _check(Level.FINE, "key", says)
        return
    for name, place in seen.places:
        if place is not None:
            yield _check(Level.FINE, name, f"would come from {place}")
    for each in seen.findings:
        level = Level.BAD if needed else Level.LOOK
        yield _check(level, each.code, f"{each.message}: {each.help}")
    if seen.created is None:
        yield _check(Level.LOOK, "key", "nobody says when it was made, so its age is unknown")
    else:
        days = now.since_s(seen.created) / _S_PER_D
        yield _check(Level.FINE, "key", f"made {days:.0f} days ago")


def _check(level: Level, name: str, says: str) -> Check:
    return Check(Section.SURROUNDINGS, level, name, says)
