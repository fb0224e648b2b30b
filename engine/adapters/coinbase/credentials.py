"""Credentials: a key's name and its private half, and the tokens that it signs.

In: the two secrets as the venue hands them out: a PEM block (ES256), or base64 of an Ed25519 seed
with or without its public half. Out: bearer tokens, one a request, for one host and path.
Refuses keys of any other kind. The private half is never printed.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

if TYPE_CHECKING:
    from engine.model.times import UtcTime
    from engine.ports import Rng

_ISSUER = "cdp"
_LIFETIME_S = 120
_NONCE_BYTES = 32
_SEED_BYTES = 32
_PAIR_BYTES = 64
_MEND = "give the key as the venue's file has it: a PEM block, or base64 of an Ed25519 key"


class CredentialError(ValueError):
    """A secret that is no usable key; the message holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key that can sign; its name is public, the key is not part of any text."""

    name: str
    algorithm: str
    key: EllipticCurvePrivateKey | Ed25519PrivateKey = field(repr=False)

    def token(self, now: UtcTime, rng: Rng, uri: str | None) -> str:
        """A token for one request (`uri` is `METHOD host/path`), or for a subscription (None).

        It is good for 120 s from `now` (COINBASE.md); a nonce makes every token another.
        """
        seconds = now.ns // 1_000_000_000
        claims: dict[str, str | int] = {
            "sub": self.name,
            "iss": _ISSUER,
            "nbf": seconds,
            "exp": seconds + _LIFETIME_S,
        }
        if uri is not None:
            claims["uri"] = uri
        headers = {"kid": self.name, "nonce": rng.token_bytes(_NONCE_BYTES).hex()}
        return jwt.encode(claims, self.key, algorithm=self.algorithm, headers=headers)


def credentials_of(name: str, secret: str) -> Credentials:
    """Read a key; raises `CredentialError`."""
    if not name.strip():
        message = "the key has no name"
        raise CredentialError(message)
    # A secret store often keeps a PEM block on one line, its line breaks written out.
    written = secret.strip().replace("\\n", "\n")
    key = _from_pem(written) if written.startswith("-----BEGIN") else _from_base64(written)
    if isinstance(key, Ed25519PrivateKey):
        return Credentials(name.strip(), "EdDSA", key)
    return Credentials(name.strip(), "ES256", key)


def _from_pem(written: str) -> EllipticCurvePrivateKey | Ed25519PrivateKey:
    try:
        key = load_pem_private_key(written.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        message = f"the key's PEM block cannot be read: {_MEND}"
        raise CredentialError(message) from error
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return key
    message = f"the key is of another kind than ES256 or Ed25519: {_MEND}"
    raise CredentialError(message)


def _from_base64(written: str) -> Ed25519PrivateKey:
    try:
        data = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError) as error:
        message = f"the key is neither PEM nor base64: {_MEND}"
        raise CredentialError(message) from error
    if len(data) not in {_SEED_BYTES, _PAIR_BYTES}:
        message = f"an Ed25519 key has 32 or 64 bytes, this one {len(data)}: {_MEND}"
        raise CredentialError(message)
    return Ed25519PrivateKey.from_private_bytes(data[:_SEED_BYTES])
