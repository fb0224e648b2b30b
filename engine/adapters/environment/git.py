"""Git, asked as a program: with words of ours, and deaf to what a checkout says to itself.

In: a folder, words. Out: what git wrote, and its exit status. Refuses nothing by itself; GitMissing
is raised on a machine without git.

A checkout's own configuration can name programs that git runs (hooks, file monitors, verifiers of
signatures), and its refs can replace one commit by another. None of that counts here.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT_S = 60
_DEAF = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "gpg.program=/bin/false",
    "gpg.openpgp.program=/bin/false",
    "gpg.x509.program=/bin/false",
    "gpg.ssh.program=ssh-keygen",
    "gpg.ssh.revocationFile=",
    "gpg.minTrustLevel=undefined",
)


class GitMissing(Exception):  # noqa: N818 - reads as what it tells
    """There is no git here, or it does not answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What git wrote and how it ended."""

    status: int
    out: bytes
    errors: bytes

    @property
    def said(self) -> str:
        """The last line of its errors."""
        *_, said = ("", *self.errors.decode("utf-8", "replace").strip().splitlines())
        return said

    @property
    def line(self) -> str:
        """The one line that it wrote."""
        return self.out.decode("utf-8", "replace").strip()


def git(folder: Path, *words: str, told: bytes = b"", settings: tuple[str, ...] = ()) -> Answer:
    """Ask git about the repository around `folder`; `told` is its input."""
    set_here = [word for each in (*_DEAF, *settings) for word in ("-c", each)]
    try:
        done = subprocess.run(  # noqa: S603 - git, with words of ours
            ["git", "-C", str(folder), *set_here, *words],  # noqa: S607 - the git that the user has
            input=told,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_S,
            env=_surroundings(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitMissing from error
    return Answer(done.returncode, done.stdout, done.stderr)


def _surroundings() -> dict[str, str]:
    """The environment without what points git elsewhere, as it does inside of a hook."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    ours = {
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
    }
    return {**kept, **ours}
