"""What the process is told by its surroundings: who runs it, and its credentials.

In: nothing. Out: names and secrets. The only package that looks at the environment.
"""

from __future__ import annotations

import getpass
import os

from engine.adapters.environment.secret_folder import SecretFolder
from engine.adapters.environment.secret_sources import SecretSources, secret_sources
from engine.adapters.environment.secrets import EnvironmentSecrets

__all__ = [
    "EnvironmentSecrets",
    "SecretFolder",
    "SecretSources",
    "secret_sources",
    "user_name",
]


def user_name() -> str:
    """The user of the operating system; `uid 1000` where it has no name, as in a container."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"
