"""SSH signatures (OpenSSH PROTOCOL.sshsig), read and checked without a process of their own.

In: the bytes of a signature, or its armour. Out: `SshSignature`, and whether it fits a message.
Refuses (ValueError) whatever is not one Ed25519 signature to the last byte; no other kind of
key is read. Making one is left to `ssh-keygen`, which alone sees private keys.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import textwrap
from dataclasses import dataclass

KEY_TYPE = "ssh-ed25519"
_MAGIC = b"SSHSIG"
_VERSION = 1
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_HASHES = {"sha256": hashlib.sha256, "sha512": hashlib.sha512}
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_LINE = 70


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 key; `raw` are its 32 bytes."""

    raw: bytes

    @property
    def blob(self) -> bytes:
        """The key as SSH spells it."""
        return _string(KEY_TYPE.encode()) + _string(self.raw)

    @property
    def fingerprint(self) -> str:
        """The name that `ssh-keygen -l` prints."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode()
        return f"SHA256:{digest.rstrip('=')}"


@dataclass(frozen=True, slots=True)
class SshSignature:
    """One signature; `namespace` is what it was made for, and is itself signed."""

    key: PublicKey
    namespace: str
    hash_name: str
    raw: bytes

    def signed_data(self, message: bytes) -> bytes:
        """The bytes that the key signed when it signed this message."""
        digest = _HASHES[self.hash_name](message).digest()
        parts = (self.namespace.encode(), b"", self.hash_name.encode(), digest)
        return _MAGIC + b"".join(_string(each) for each in parts)

    @property
    def blob(self) -> bytes:
        """The signature as bytes, as it is read."""
        raw = _string(KEY_TYPE.encode()) + _string(self.raw)
        parts = (self.key.blob, self.namespace.encode(), b"", self.hash_name.encode(), raw)
        head = _MAGIC + _VERSION.to_bytes(4, "big")
        return head + b"".join(_string(each) for each in parts)

    @property
    def armour(self) -> str:
        """The signature as `ssh-keygen -Y` writes and reads it."""
        lines = textwrap.wrap(base64.b64encode(self.blob).decode(), _LINE)
        return "\n".join((_BEGIN, *lines, _END, ""))


def public_key(blob: bytes) -> PublicKey:
    """Read a key as SSH spells it."""
    return PublicKey(_Reader(blob).of_type(_KEY_BYTES))


def signature(blob: bytes) -> SshSignature:
    """Read a signature."""
    reader = _Reader(blob)
    if reader.take(len(_MAGIC)) != _MAGIC or int.from_bytes(reader.take(4), "big") != _VERSION:
        message = "not an SSH signature"
        raise ValueError(message)
    key = public_key(reader.string())
    namespace, reserved, hash_name = reader.text(), reader.string(), reader.text()
    raw = _Reader(reader.string()).of_type(_SIGNATURE_BYTES)
    reader.end()
    if reserved or hash_name not in _HASHES or not namespace:
        message = "an SSH signature with parts that nobody knows"
        raise ValueError(message)
    return SshSignature(key, namespace, hash_name, raw)


def from_armour(text: str) -> SshSignature:
    """Read a signature between its two lines of dashes."""
    lines = text.strip().splitlines()
    if lines[:1] != [_BEGIN] or lines[-1:] != [_END]:
        message = "not an SSH signature"
        raise ValueError(message)
    try:
        return signature(base64.b64decode("".join(lines[1:-1]), validate=True))
    except binascii.Error as error:
        message = "not an SSH signature"
        raise ValueError(message) from error


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


class _Reader:
    """Reads SSH's wire format; raises ValueError where the bytes end too soon."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    def take(self, count: int) -> bytes:
        if len(self._rest) < count:
            message = "ends in the middle of a part"
            raise ValueError(message)
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def string(self) -> bytes:
        return self.take(int.from_bytes(self.take(4), "big"))

    def text(self) -> str:
        return self.string().decode("ascii")

    def of_type(self, count: int) -> bytes:
        """All that is left: the one type that is read here, and so many bytes."""
        kind = self.text()
        if kind != KEY_TYPE:
            message = f"a key of type {kind}, not {KEY_TYPE}"
            raise ValueError(message)
        raw = self.string()
        self.end()
        if len(raw) != count:
            message = f"{len(raw)} bytes where {count} belong"
            raise ValueError(message)
        return raw

    def end(self) -> None:
        if self._rest:
            message = "goes on after its end"
            raise ValueError(message)
