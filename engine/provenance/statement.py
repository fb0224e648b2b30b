"""What signers of a bundle sign: a statement, in a DSSE envelope (secure-systems-lab, v1).

In: a set's hash, what it is approved for, its sequence, its end, and the SHA-256 of each file.
Out: canonical JSON, the bytes under a signature, and the envelope. Refuses (ValueError) bytes that
are not the one spelling of a statement or envelope.

A signature here is an SSH signature (`engine.provenance.sshsig`) over DSSE's pre-authentication
encoding, made for the namespace `mandate-policy`: not for git, and not for a file.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import rfc8785

from engine.model.orders import Mode
from engine.model.times import UtcTime
from engine.provenance.sshsig import SshSignature, signature

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE = "mandate-policy"
PAYLOAD_TYPE = "application/vnd.mandate.policy-statement+json"
MAX_SEQUENCE = 2**53 - 1
_VERSION = "mandate/statement/v1"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is approved. `purpose` is the highest mode; `files` are SHA-256 by name."""

    policy_set: str
    name: str
    purpose: Mode
    sequence: int
    expires: UtcTime
    commit: str | None
    files: Mapping[str, str]

    def payload(self) -> bytes:
        """The statement as canonical JSON."""
        return rfc8785.dumps(
            {
                "apiVersion": _VERSION,
                "commit": self.commit,
                "expires": str(self.expires),
                "files": dict(self.files),
                "name": self.name,
                "policySet": self.policy_set,
                "purpose": self.purpose.value,
                "sequence": self.sequence,
            }
        )


@dataclass(frozen=True, slots=True)
class Envelope:
    """A statement's bytes and the signatures over them, by the fingerprints of their keys."""

    payload: bytes
    signatures: tuple[SshSignature, ...] = ()

    def to_sign(self) -> bytes:
        """DSSE's pre-authentication encoding: what a signer signs."""
        kind = PAYLOAD_TYPE.encode()
        parts = (b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(self.payload), self.payload)
        return b" ".join(parts)

    def signed(self, by: SshSignature) -> Envelope:
        """The envelope with one signature more, in the place of an older one of the same key."""
        others = (each for each in self.signatures if each.key != by.key)
        return replace(self, signatures=_sorted((*others, by)))

    def data(self) -> bytes:
        """The envelope as canonical JSON."""
        signatures = [
            {"keyid": each.key.fingerprint, "sig": _base64(each.blob)} for each in self.signatures
        ]
        return rfc8785.dumps(
            {
                "payload": _base64(self.payload),
                "payloadType": PAYLOAD_TYPE,
                "signatures": signatures,
            }
        )


def read_statement(payload: bytes) -> Statement:
    """Read a statement."""
    fields = _object(payload)
    statement = Statement(
        policy_set=_text(fields, "policySet"),
        name=_text(fields, "name"),
        purpose=Mode(_text(fields, "purpose")),
        sequence=_sequence(fields),
        expires=UtcTime.parse(_text(fields, "expires")),
        commit=None if fields.get("commit") is None else _text(fields, "commit"),
        files=_texts(fields.get("files")),
    )
    if statement.payload() != payload:
        message = "not the one spelling of a statement"
        raise ValueError(message)
    return statement


def read_envelope(data: bytes) -> Envelope:
    """Read an envelope; its signatures are read and not checked."""
    fields = _object(data)
    listed = fields.get("signatures")
    signatures = [
        signature(base64.b64decode(_text(each, "sig"), validate=True))
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict)
    ]
    payload = base64.b64decode(_text(fields, "payload"), validate=True)
    envelope = Envelope(payload, _sorted(signatures))
    if envelope.data() != data or len({each.key for each in signatures}) != len(signatures):
        message = "not the one spelling of an envelope"
        raise ValueError(message)
    return envelope


def _sorted(signatures: tuple[SshSignature, ...] | list[SshSignature]) -> tuple[SshSignature, ...]:
    return tuple(sorted(signatures, key=lambda each: each.key.fingerprint))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _object(data: bytes) -> dict[str, object]:
    try:
        fields = json.loads(data)
    except RecursionError as error:
        message = "nested too deeply"
        raise ValueError(message) from error
    if not isinstance(fields, dict):
        message = "not an object"
        raise ValueError(message)  # noqa: TRY004 - bad data, not a bad call
    return fields


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        message = f"no text `{name}`"
        raise ValueError(message)  # noqa: TRY004 - bad data, not a bad call
    return value


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        message = "no mapping of texts"
        raise ValueError(message)
    return {str(name): str(each) for name, each in value.items()}


def _sequence(fields: Mapping[str, object]) -> int:
    value = fields.get("sequence")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MAX_SEQUENCE:
        message = "no sequence"
        raise ValueError(message)
    return value
