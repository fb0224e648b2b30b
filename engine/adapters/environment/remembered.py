"""Answers that were worked out before, in the user's own cache: a question has one answer for ever.

In: a question as text. Out: its answer, or None. Refuses nothing: a cache that cannot be read or
written is none, and whatever it says bears on no decision.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Remembered:
    """One folder of answers; each is a file, named by the hash of its question."""

    folder: Path

    @classmethod
    def of_user(cls, subject: str) -> Remembered:
        """Where the user's programs keep what can be worked out again."""
        stated = os.environ.get("XDG_CACHE_HOME", "")
        base = Path(stated) if stated.startswith("/") else Path.home() / ".cache"
        return cls(base / "mandate-trader" / subject)

    def answer(self, question: str) -> str | None:
        """The answer that was kept."""
        try:
            return self._file(question).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def keep(self, question: str, answer: str) -> None:
        """Keep an answer, whole or not at all."""
        file = self._file(question)
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(answer, encoding="utf-8")
            draft.replace(file)

    def _file(self, question: str) -> Path:
        name = sha256(question.encode("utf-8", "surrogateescape")).hexdigest()
        return self.folder / name[:2] / name[2:]
