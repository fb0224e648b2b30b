"""A request is signed by the key that was given, for that request alone."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from engine.adapters.coinbase.credentials import CredentialError, Credentials, credentials_of
from engine.adapters.system.rng import SeededRng
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

NAME = "organizations/1/apiKeys/2"
NOW = UtcTime.parse("2026-04-07T00:28:59Z")
URI = "GET api.coinbase.com/api/v3/brokerage/accounts"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def pem(key: PrivateKeyTypes, form: serialization.PrivateFormat) -> str:
    """The key as a PEM block."""
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain).decode()


SEED = ED_KEY.private_bytes_raw()
PAIR = SEED + ED_KEY.public_key().public_bytes_raw()
SPELLINGS = {
    "ES256, as the venue's file has it": (
        pem(EC_KEY, serialization.PrivateFormat.TraditionalOpenSSL),
        "ES256",
    ),
    "ES256, PKCS8": (pem(EC_KEY, serialization.PrivateFormat.PKCS8), "ES256"),
    "ES256 on one line": (
        pem(EC_KEY, serialization.PrivateFormat.TraditionalOpenSSL).replace("\n", "\\n"),
        "ES256",
    ),
    "Ed25519 with its public half": (base64.b64encode(PAIR).decode(), "EdDSA"),
    "Ed25519 seed": (base64.b64encode(SEED).decode() + "\n", "EdDSA"),
    "Ed25519, PKCS8": (pem(ED_KEY, serialization.PrivateFormat.PKCS8), "EdDSA"),
}


@pytest.mark.parametrize(("secret", "algorithm"), SPELLINGS.values(), ids=SPELLINGS)
def test_a_token_verifies_with_the_public_half(secret: str, algorithm: str) -> None:
    """Each spelling of each kind of key signs what the venue asks for, and nothing more."""
    credentials = credentials_of(NAME, secret)
    token = credentials.token(NOW, SeededRng(b"1"), URI)
    public = EC_KEY.public_key() if algorithm == "ES256" else ED_KEY.public_key()
    claims = jwt.decode(token, public, [algorithm], options={"verify_exp": False})
    seconds = NOW.ns // 10**9
    assert claims == {
        "sub": NAME, "iss": "cdp", "nbf": seconds, "exp": seconds + 120, "uri": URI,
    }  # fmt: skip
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["kid"], len(header["nonce"])) == (algorithm, NAME, 64)


def test_a_subscription_names_no_request_and_no_token_is_used_twice() -> None:
    """A websocket's token has no uri; two tokens of one moment differ by their nonce."""
    credentials, rng = credentials_of(NAME, SPELLINGS["Ed25519 seed"][0]), SeededRng(b"1")
    first, second = (credentials.token(NOW, rng, None) for _ in range(2))
    assert "uri" not in jwt.decode(first, options={"verify_signature": False})
    assert first != second


OTHER_CURVE = pem(ec.generate_private_key(ec.SECP384R1()), serialization.PrivateFormat.PKCS8)
RSA = pem(rsa.generate_private_key(65537, 2048), serialization.PrivateFormat.PKCS8)
LOCKED = EC_KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.BestAvailableEncryption(b"x"),
).decode()
UNUSABLE = {
    "nothing": "",
    "a password": "correct horse battery staple",
    "base64 of another length": base64.b64encode(b"x" * 33).decode(),
    "a PEM block that is cut off": SPELLINGS["ES256, PKCS8"][0][:80],
    "another curve": OTHER_CURVE,
    "RSA": RSA,
    "locked with a password": LOCKED,
}


@pytest.mark.parametrize("secret", UNUSABLE.values(), ids=UNUSABLE)
def test_a_secret_that_is_no_key_is_refused_without_being_told(secret: str) -> None:
    """The message says what to give, and no ten characters of what was given."""
    with pytest.raises(CredentialError) as refused:
        credentials_of(NAME, secret)
    told = str(refused.value)
    assert not any(secret[at : at + 10] in told for at in range(len(secret) - 10))


def test_a_key_needs_its_name() -> None:
    """A token without a key's name is refused by the venue, so it is never made."""
    with pytest.raises(CredentialError, match="name"):
        credentials_of("  ", SPELLINGS["Ed25519 seed"][0])


def test_no_text_of_credentials_shows_the_key() -> None:
    """Neither repr nor str of credentials holds the private half."""
    credentials = credentials_of(NAME, SPELLINGS["Ed25519 seed"][0])
    assert repr(credentials) == f"Credentials(name={NAME!r}, algorithm='EdDSA')"
    assert isinstance(credentials, Credentials)
