"""SSH signatures: what the real ssh-keygen makes is read, and what is read it takes."""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING

import pytest
from fakes.people import Person
from hypothesis import given
from hypothesis import strategies as st

from engine.provenance.keys import fits
from engine.provenance.sshsig import from_armour, public_key, signature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def test_ssh_keygen_signs_and_we_verify(people: Mapping[str, Person]) -> None:
    """A signature of the real ssh-keygen fits its message, and no other one."""
    made = people["alice"].sign(b"message")
    assert fits(made, b"message")
    assert not fits(made, b"massage")


def test_ssh_keygen_verifies_what_we_write(people: Mapping[str, Person], tmp_path: Path) -> None:
    """Read and written again, a signature is the same to the real ssh-keygen."""
    alice = people["alice"]
    allowed, file = tmp_path / "allowed", tmp_path / "sig"
    allowed.write_text(f"{alice.name} {alice.public}\n")
    file.write_text(signature(alice.sign(b"message").blob).armour)
    words = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", alice.name]
    words += ["-n", "mandate-policy", "-s", str(file)]
    done = subprocess.run(words, input=b"message", capture_output=True, check=False)  # noqa: S603 - words of the test
    assert done.returncode == 0, done.stderr


def test_fingerprints_are_those_of_ssh_keygen(people: Mapping[str, Person]) -> None:
    """A key has the name that `ssh-keygen -l` prints."""
    alice = people["alice"]
    words = ["ssh-keygen", "-l", "-f", str(alice.key)]
    shown = subprocess.run(words, capture_output=True, check=True).stdout.decode()  # noqa: S603 - words of the test
    key = public_key(base64.b64decode(alice.public.split()[1]))
    assert key.fingerprint in shown.split()


def test_other_kinds_of_keys_are_refused(tmp_path: Path) -> None:
    """An ECDSA signature is no signature here."""
    other = Person.with_key(tmp_path, "other", "ecdsa")
    with pytest.raises(ValueError, match="not ssh-ed25519"):
        other.sign(b"message")


@pytest.fixture(scope="module")
def message_signature(people: Mapping[str, Person]) -> bytes:
    """What Alice signed once."""
    return people["alice"].sign(b"message").blob


@given(st.data())
def test_a_changed_byte_never_passes(message_signature: bytes, data: st.DataObject) -> None:
    """Whatever byte of a signature changes, it is refused or fits no more."""
    blob = bytearray(message_signature)
    at = data.draw(st.integers(0, len(blob) - 1))
    blob[at] ^= data.draw(st.integers(1, 255))
    try:
        changed = signature(bytes(blob))
    except ValueError:
        return
    assert changed.namespace != "mandate-policy" or not fits(changed, b"message")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    """No bytes make the reader do anything but refuse, or read what it writes again."""
    for data in (noise, b"SSHSIG\0\0\0\1" + noise):
        try:
            assert signature(data).blob == data
        except ValueError:
            continue


@pytest.mark.parametrize(
    "text", ["", "x", "-----BEGIN SSH SIGNATURE-----\n*\n-----END SSH SIGNATURE-----"]
)
def test_what_is_no_armour_is_refused(text: str) -> None:
    """Text that is no armour is no signature."""
    with pytest.raises(ValueError, match="not an SSH signature"):
        from_armour(text)
