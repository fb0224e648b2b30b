"""The venue's keys: made here, checked here.

In: a name, the rights, and an algorithm; later the bearer token of a request. Out: a `Key` with the
private half in the forms that clients read; then the key that signed, or why none did.
Refuses tokens of other keys, out of their time, or for another request. Accepts what the official
client signs (issuer `cdp`, one `uri`) and what ccxt signs (`coinbase-cloud`, a list of `uris`).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from engine.model.times import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.model.times import UtcTime
    from engine.ports import Rng
    from engine.venue.rights import Right

_ORGANISATION = "organizations/paper/apiKeys"
_ISSUERS = frozenset({"cdp", "coinbase-cloud"})
_LEEWAY_S = 30


@dataclass(frozen=True, slots=True)
class Key:
    """A key that the venue knows: its name, what it may do, and its public half as PEM."""

    name: str
    algorithm: str
    rights: frozenset[Right]
    public_pem: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `secret` is its private half as clients take it."""

    key: Key
    secret: str = field(repr=False)

    def file(self) -> bytes:
        """The key as the venue's download has it, which the official client reads."""
        return json.dumps({"name": self.key.name, "privateKey": self.secret}, indent=2).encode()


class TokenRefusedError(Exception):
    """The request is not signed by a key of this venue, or not for this request."""


def new_es256_key(label: str, rights: frozenset[Right], rng: Rng) -> NewKey:
    """A key for ES256: the private half is a PEM block."""
    private = generate_private_key(SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    key = Key(_named(label, rng), "ES256", rights, _public_pem(private.public_key()))
    return NewKey(key, pem.decode())


def new_ed25519_key(label: str, rights: frozenset[Right], rng: Rng) -> NewKey:
    """A key for EdDSA: the private half is base64 of seed and public half."""
    private = Ed25519PrivateKey.generate()
    seed = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = Key(_named(label, rng), "EdDSA", rights, _public_pem(private.public_key()))
    return NewKey(key, base64.b64encode(seed + public).decode())


def _named(label: str, rng: Rng) -> str:
    return f"{_ORGANISATION}/{label}-{rng.token_bytes(4).hex()}"


def _public_pem(key: EllipticCurvePublicKey | Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class KeyRing:
    """The keys of one venue."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = {each.name: each for each in keys}
        self._public = {each.name: _public_key(each) for each in keys}

    def of(self, name: str) -> Key | None:
        """A key by its name."""
        return self._keys.get(name)

    def signer(self, token: str, now: UtcTime, uri: str | None) -> Key:
        """The key that signed `token` for `uri` (None: for a subscription).

        Raises `TokenRefusedError`.
        """
        try:
            name = jwt.get_unverified_header(token).get("kid")
            key = self._keys.get(name) if isinstance(name, str) else None
            if key is None:
                message = "no key of that name"
                raise TokenRefusedError(message)
            # Times are judged by the venue's own clock below, the audience differs by client.
            claims = jwt.decode(
                token,
                self._public[key.name],
                algorithms=[key.algorithm],
                options={
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "verify_aud": False,
                },
            )
        except jwt.PyJWTError as error:
            raise TokenRefusedError(str(error)) from error
        _check(claims, key, now, uri)
        return key


def _public_key(key: Key) -> EllipticCurvePublicKey | Ed25519PublicKey:
    read = load_pem_public_key(key.public_pem.encode())
    if not isinstance(read, EllipticCurvePublicKey | Ed25519PublicKey):
        message = f"{key.name} is of another kind than ES256 or Ed25519"
        raise TypeError(message)
    return read


def _check(claims: Mapping[str, object], key: Key, now: UtcTime, uri: str | None) -> None:
    wrong = _wrong(claims, key, now.ns // NS_PER_S, uri)
    if wrong is not None:
        raise TokenRefusedError(wrong)


def _wrong(claims: Mapping[str, object], key: Key, now_s: int, uri: str | None) -> str | None:
    if claims.get("sub") != key.name:
        return "the subject is another key"
    if claims.get("iss") not in _ISSUERS:
        return "the issuer is not known"
    begin, end = claims.get("nbf"), claims.get("exp")
    if not isinstance(begin, int) or not isinstance(end, int):
        return "the token has no time"
    if not begin - _LEEWAY_S <= now_s <= end + _LEEWAY_S:
        return "the token is out of its time"
    listed = claims.get("uris")
    told = listed if isinstance(listed, list) else [claims.get("uri")]
    if uri is not None and uri not in told:
        return "the token is for another request"
    return None
