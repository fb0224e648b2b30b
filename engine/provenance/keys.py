"""The one door to the cryptography: does an Ed25519 key's signature fit these bytes?

In: a signature and a message. Out: yes or no. Refuses (MandateError, M750) where the extra is not
installed: what cannot be verified is not trusted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError, with_extra

if TYPE_CHECKING:
    from engine.provenance.sshsig import SshSignature


def fits(signature: SshSignature, message: bytes) -> bool:
    """Whether the key in the signature signed this message."""
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - an extra
            Ed25519PublicKey,
        )
    except ImportError:
        raise MandateError([_missing()]) from None
    try:
        key = Ed25519PublicKey.from_public_bytes(signature.key.raw)
        key.verify(signature.raw, signature.signed_data(message))
    except (InvalidSignature, ValueError):
        return False
    return True


def _missing() -> Diagnostic:
    message = "signatures need `cryptography`, which is not installed"
    return Diagnostic("M750", message, None, with_extra("sign"))
