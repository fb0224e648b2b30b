"""Where credentials come from: a mounted directory, systemd's, then the environment.

In: perhaps a directory. Out: secrets, and the place of each in words without its value. The first
place that has a name is the one that counts, so that what a service manager hands over is not
shadowed by a variable that somebody left behind.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.adapters.environment.secret_folder import SecretFolder
from engine.adapters.environment.secrets import EnvironmentSecrets
from engine.ports import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.errors import Diagnostic
    from engine.model.times import UtcTime

SYSTEMD = "CREDENTIALS_DIRECTORY"


@dataclass(frozen=True, slots=True)
class SecretSources(Secrets):
    """The places in their order, each with its name for a person."""

    places: tuple[tuple[str, Secrets], ...]

    def get(self, name: str) -> str | None:
        """The secret from the first place that has it."""
        found = self._source(name)
        return None if found is None else found[1].get(name)

    def created(self, name: str) -> UtcTime | None:
        """What that place says; a date that stands elsewhere is one of another secret."""
        found = self._source(name)
        return None if found is None else found[1].created(name)

    def where(self, name: str) -> str | None:
        """The place in words; None where no place has it."""
        found = self._source(name)
        return None if found is None else found[0]

    def oldest(self, names: Iterable[str]) -> UtcTime | None:
        """When the oldest of these was made; None where one of them does not say, or none is."""
        told = [self.created(name) for name in names]
        known = [each for each in told if each is not None]
        return min(known, default=None) if len(known) == len(told) else None

    def findings(self, names: Iterable[str]) -> tuple[Diagnostic, ...]:
        """What is wrong with the files of these names, in every directory."""
        wanted = tuple(names)
        folders = (place for _, place in self.places if isinstance(place, SecretFolder))
        return tuple(each for folder in folders for each in folder.findings(wanted))

    def _source(self, name: str) -> tuple[str, Secrets] | None:
        return next((each for each in self.places if each[1].get(name) is not None), None)


def secret_sources(mounted: Path | None) -> SecretSources:
    """The places of this process; `mounted` is what a person named."""
    places: list[tuple[str, Secrets]] = []
    if mounted is not None:
        places.append((f"the directory `{mounted}`", SecretFolder(mounted)))
    handed = os.environ.get(SYSTEMD)
    if handed:
        places.append((f"`${SYSTEMD}`", SecretFolder(Path(handed))))
    places.append(("the environment", EnvironmentSecrets()))
    return SecretSources(tuple(places))
