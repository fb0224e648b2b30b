"""Credentials from environment variables, each beside the instant at which it was made.

In: variable names. Out: secrets, and when they were created: `NAME_CREATED`, an instant in UTC.
Refuses nothing: an instant that cannot be read is one that nobody stated, so its age is unknown.
"""

from __future__ import annotations

import os

from engine.model.times import UtcTime
from engine.ports import Secrets

_CREATED = "_CREATED"


class EnvironmentSecrets(Secrets):
    """The secrets of this process."""

    def get(self, name: str) -> str | None:
        """The variable's text; an empty one is none."""
        return os.environ.get(name) or None

    def created(self, name: str) -> UtcTime | None:
        """What `NAME_CREATED` says."""
        try:
            return UtcTime.parse(os.environ.get(name + _CREATED, ""))
        except ValueError:
            return None
