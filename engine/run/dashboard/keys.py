"""The key to a dashboard: one that opens it once, or one that a person keeps with the secrets.

In: secrets, chance. Out: a `Keyring`, which says whether a text opens the door. Refuses (M922) a
kept key that could be guessed. A key that opens once is of no use to whoever finds it later, in a
terminal's history or over a shoulder.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from threading import Lock
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from engine.ports import Rng, Secrets

KEY_NAME = "DASHBOARD_KEY"
_BYTES = 32
_LEAST_CHARACTERS = 32


def random_text(rng: Rng) -> str:
    """256 bits that nobody guesses, fit for an address."""
    return urlsafe_b64encode(rng.token_bytes(_BYTES)).decode().rstrip("=")


class Keyring:
    """The key that opens now; asked from several threads."""

    def __init__(self, rng: Rng, own: Secrets) -> None:
        kept = own.get(KEY_NAME)
        if kept is not None and len(kept) < _LEAST_CHARACTERS:
            message = f"`{KEY_NAME}` has {len(kept)} characters, fewer than {_LEAST_CHARACTERS}"
            mend = "make one that nobody guesses: `openssl rand -base64 32`"
            raise MandateError([Diagnostic("M922", message, None, mend)])
        self.kept = kept is not None
        self._rng, self._lock = rng, Lock()
        self._key = kept or random_text(rng)

    @property
    def key(self) -> str:
        """The key, to be shown to whoever started the dashboard, where it is not kept."""
        return self._key

    def opens(self, given: str) -> bool:
        """Whether it is the key; one that is not kept is another one from then on."""
        with self._lock:
            right = hmac.compare_digest(given.encode(), self._key.encode())
            if right and not self.kept:
                self._key = random_text(self._rng)
            return right
