"""Secrets mounted as files, one a file: systemd's credentials, or a secret volume of a container.

In: a directory. Out: secrets, and when they were made: the file `NAME_CREATED` beside `NAME`.
Refuses (M459) a file that others may read or its group may write, one that holds several secrets,
and one that is no text of a secret's size. What is refused is no secret: nothing signs with it.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.model.times import UtcTime
from engine.ports import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CREATED = "_CREATED"
_LARGEST = 16 * 1024
# The group may read: systemd lets a service's user in by an access list, which shows as that.
_TOO_OPEN = stat.S_IRWXO | stat.S_IWGRP
_BLOCK = "-----BEGIN"
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\s*[:=]\s*[^=\s]")


@dataclass(frozen=True, slots=True)
class SecretFolder(Secrets):
    """The secrets of one directory."""

    directory: Path

    def get(self, name: str) -> str | None:
        """What the file of that name holds, without the line break at its end."""
        told = self._read(name)
        return told if isinstance(told, str) and told else None

    def created(self, name: str) -> UtcTime | None:
        """What `NAME_CREATED` says; the file's own time is when it was mounted."""
        told = self._read(name + CREATED)
        try:
            return UtcTime.parse(told) if isinstance(told, str) else None
        except ValueError:
            return None

    def findings(self, names: Iterable[str]) -> tuple[Diagnostic, ...]:
        """What is wrong with the files of these names that are there."""
        told = (self._read(each) for name in names for each in (name, name + CREATED))
        return tuple(each for each in told if isinstance(each, Diagnostic))

    def _read(self, name: str) -> str | Diagnostic | None:
        """The text; why it is refused; None where no such file is."""
        try:
            with (self.directory / name).open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                data = file.read(_LARGEST + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            return _refused(name, (error.strerror or "I/O error").lower(), "make it readable")
        if mode & _TOO_OPEN:
            return _refused(name, "others may read or change it", "`chmod 400` the file")
        return _single(name, data)


def _single(name: str, data: bytes) -> str | Diagnostic:
    """The one secret in these bytes: a line, or a PEM block."""
    try:
        text = data.decode("utf-8").strip()
    except UnicodeDecodeError:
        return _refused(name, "it is no text", "give the secret as the venue's page shows it")
    if len(data) > _LARGEST:
        return _refused(name, f"it is larger than {_LARGEST} bytes", "give one secret a file")
    if _several(text):
        return _refused(name, "it holds several values", "give one secret a file")
    return text


def _several(text: str) -> bool:
    if text.startswith(_BLOCK):
        return text.count(_BLOCK) > 1
    return "\n" in text or text.startswith(("{", "[")) or _ASSIGNED.match(text) is not None


def _refused(name: str, why: str, mend: str) -> Diagnostic:
    return Diagnostic("M459", f"the secret file `{name}` is refused: {why}", None, mend)
