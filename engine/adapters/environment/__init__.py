"""What the process is told by its surroundings: who runs it.

In: nothing. Out: names. The only module that looks at the environment, where secrets are too.
"""

from __future__ import annotations

import getpass
import os


def user_name() -> str:
    """The user of the operating system; `uid 1000` where it has no name, as in a container."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"
