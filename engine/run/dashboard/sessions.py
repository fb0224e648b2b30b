"""Browsers that were let in: each with a name that only it knows, and one for its forms.

In: chance, a clock that never steps. Out: `Session`s, forgotten after half a day, or when there are
too many. Nothing of them is written anywhere: with the process they end.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from engine.run.dashboard.keys import random_text

if TYPE_CHECKING:
    from engine.ports import Clock, Rng

LASTS_S = 12 * 3_600
_MOST = 32


@dataclass(frozen=True, slots=True)
class Session:
    """One browser; `form` is what its forms must bring, which no other page can know."""

    name: str
    form: str
    ends_s: float

    def sent(self, form: str) -> bool:
        """Whether a form is one that we gave to this browser."""
        return hmac.compare_digest(form.encode(), self.form.encode())


class Sessions:
    """Who was let in; asked from several threads."""

    def __init__(self, rng: Rng, clock: Clock) -> None:
        self._rng, self._clock, self._lock = rng, clock, Lock()
        self._known: dict[str, Session] = {}

    def begin(self) -> Session:
        """Let a browser in."""
        ends_s = self._clock.monotonic_s() + LASTS_S
        session = Session(random_text(self._rng), random_text(self._rng), ends_s)
        with self._lock:
            while len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]
            self._known[session.name] = session
        return session

    def of(self, name: str) -> Session | None:
        """The session of this name, while it lasts."""
        with self._lock:
            found = self._known.get(name)
            if found is not None and found.ends_s <= self._clock.monotonic_s():
                del self._known[name]
                return None
            return found

    def end(self, session: Session) -> None:
        """Whoever leaves has to bring a key again."""
        with self._lock:
            self._known.pop(session.name, None)
