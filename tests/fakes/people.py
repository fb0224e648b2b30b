"""People with keys of their own, made and used by the real ssh-keygen."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.provenance.sshsig import from_armour

if TYPE_CHECKING:
    from pathlib import Path

    from engine.provenance.sshsig import SshSignature


@dataclass(frozen=True)
class Person:
    """Somebody, and where his private key lies."""

    name: str
    key: Path

    @classmethod
    def with_key(cls, folder: Path, name: str, kind: str = "ed25519") -> Person:
        """Make a key without a passphrase."""
        key = folder / name
        words = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", name, "-f", str(key)]
        subprocess.run(words, check=True, capture_output=True)  # noqa: S603 - words of the test
        return cls(f"{name}@example.com", key)

    @property
    def public(self) -> str:
        """The key as an allowed-signers file has it."""
        return " ".join(self.key.with_suffix(".pub").read_text().split()[:2])

    def armour(self, message: bytes, namespace: str = "mandate-policy") -> str:
        """A signature by `ssh-keygen -Y sign`."""
        words = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(self.key), "-n", namespace]
        done = subprocess.run(words, input=message, capture_output=True, check=True)  # noqa: S603 - words of the test
        return done.stdout.decode()

    def sign(self, message: bytes, namespace: str = "mandate-policy") -> SshSignature:
        """The same, read."""
        return from_armour(self.armour(message, namespace))
