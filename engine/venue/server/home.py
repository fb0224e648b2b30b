"""Where the venue keeps what clients need: its certificate and its keys.

In: a directory, the time. Out: `Home`: the certificate's file, the keys that the venue knows, and
the file of each private half. What is there is kept, what is missing is made, so that clients that
were set up once stay so. Files are the owner's alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.system.disk import DirectoryDisk
from engine.venue.rights import Right
from engine.venue.server.certificate import new_certificate
from engine.venue.server.keys import Key, KeyRing, new_ed25519_key, new_es256_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.model.times import UtcTime
    from engine.ports import Disk, Rng
    from engine.venue.server.keys import NewKey

_CERTIFICATE, _PRIVATE, _REGISTER = "ca.pem", "server.key", "keys.json"
OPERATOR = "transfer"
"""The label of the key that may do everything."""

# As our own loop takes them: a directory with a file a secret (`trader run --secrets`).
_SECRETS = {"secrets/COINBASE_API_KEY": "name", "secrets/COINBASE_API_SECRET": "privateKey"}
_TRADES = frozenset({Right.VIEW, Right.TRADE})
_LABELS = {
    "es256": _TRADES,
    "ed25519": _TRADES,
    "view": frozenset({Right.VIEW}),
    OPERATOR: frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class Home:
    """The files of one venue; `key_files` by label: es256, ed25519, view, transfer."""

    root: Path
    ring: KeyRing
    key_files: Mapping[str, Path]

    @property
    def certificate(self) -> Path:
        """The certificate, which is its own authority: clients verify with this file."""
        return certificate_in(self.root)

    @property
    def secrets(self) -> Path:
        """A trading key as our own loop takes it: a directory with a file a secret."""
        return self.root / "secrets"

    @property
    def private(self) -> Path:
        """The server's private key."""
        return self.root / _PRIVATE


def home_in(root: Path, now: UtcTime, rng: Rng) -> Home:
    """The files under `root`, made where they are missing; raises OSError and ValueError."""
    disk = DirectoryDisk(root)
    names = set(disk.names(""))
    if not {_CERTIFICATE, _PRIVATE} <= names:
        made = new_certificate(now)
        disk.replace(_PRIVATE, made.private)
        disk.replace(_CERTIFICATE, made.public)
    keys = _read_keys(disk) if _REGISTER in names else _make_keys(disk, rng)
    if not set(_SECRETS) <= names:
        _leave_secrets(disk)
    disk.close()
    files = {label: root / key_file_of(label) for label in keys}
    return Home(root, KeyRing(list(keys.values())), files)


def _leave_secrets(disk: Disk) -> None:
    told = json.loads(disk.read(key_file_of("es256")))
    for name, part in _SECRETS.items():
        disk.replace(name, str(told[part]).encode())


def _make_keys(disk: Disk, rng: Rng) -> dict[str, Key]:
    made: dict[str, NewKey] = {}
    for label, rights in _LABELS.items():
        maker = new_ed25519_key if label == "ed25519" else new_es256_key
        made[label] = maker(label, rights, rng)
        disk.replace(key_file_of(label), made[label].file())
    register = {
        label: {
            "name": each.key.name,
            "algorithm": each.key.algorithm,
            "rights": sorted(right.value for right in each.key.rights),
            "public": each.key.public_pem,
        }
        for label, each in made.items()
    }
    disk.replace(_REGISTER, json.dumps(register, indent=2).encode())
    return {label: each.key for label, each in made.items()}


def _read_keys(disk: Disk) -> dict[str, Key]:
    """The keys as they were registered; raises ValueError for a file that is none."""
    try:
        register = json.loads(disk.read(_REGISTER))
        return {
            label: Key(
                name=fields["name"],
                algorithm=fields["algorithm"],
                rights=frozenset(Right(each) for each in fields["rights"]),
                public_pem=fields["public"],
            )
            for label, fields in register.items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        message = f"{_REGISTER} is not a register of keys"
        raise ValueError(message) from error


def certificate_in(root: Path) -> Path:
    """The certificate of the venue that lives in `root`."""
    return root / _CERTIFICATE


def key_file_of(label: str) -> str:
    """The name of the file of a key's private half."""
    return f"key-{label}.json"
