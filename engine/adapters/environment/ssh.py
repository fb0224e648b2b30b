"""Signing with `ssh-keygen`, which alone sees private keys, passphrases, agents and tokens.

In: a message, the path of a key, a namespace. Out: the armour of a signature; or why there is none,
in words that say what to do. Nothing about a key is kept or logged.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT_S = 300
"""As long as a person may take to type a passphrase or to touch a token."""

_MENDS = (
    ("no such file", "name a private key; or the public one of a key in your agent"),
    ("incorrect passphrase", "type its passphrase, or `ssh-add` the key to your agent before"),
    ("no private key found", "`ssh-add` the key to your agent: here is its public part only"),
    ("agent", "`ssh-add` the key to your agent: here is its public part only"),
    ("permissions", "`chmod 600` the key: nobody else may read it"),
    ("invalid format", "name a private key of OpenSSH; `ssh-keygen -t ed25519` makes one"),
)


@dataclass(frozen=True, slots=True)
class Unsigned:
    """Why there is no signature, and what helps."""

    why: str
    mend: str


def ssh_signature(message: bytes, key: Path, namespace: str) -> str | Unsigned:
    """Sign the message; a passphrase is asked for by ssh-keygen itself, on the terminal."""
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", namespace]
    try:
        done = subprocess.run(  # noqa: S603 - ssh-keygen, with words of ours and the user's key
            words, input=message, capture_output=True, check=False, timeout=_TIMEOUT_S
        )
    except FileNotFoundError:
        return Unsigned("there is no `ssh-keygen` here", "install OpenSSH's client programs")
    except (OSError, subprocess.TimeoutExpired):
        return Unsigned("`ssh-keygen` did not answer", "try again")
    if done.returncode == 0:
        return done.stdout.decode("ascii", "replace")
    return _refused(done.stderr.decode("utf-8", "replace"))


def _refused(said: str) -> Unsigned:
    """What it wrote, in one line, with the mend that fits."""
    lines = [line.strip() for line in said.splitlines() if line.strip(" @")]
    told = "; ".join(lines).removeprefix("Enter passphrase: ") or "it says nothing"
    fitting = (mend for words, mend in _MENDS if words in said.lower())
    return Unsigned(f"ssh-keygen says: {told}", next(fitting, "see ssh-keygen(1)"))
