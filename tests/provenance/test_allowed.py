"""Allowed signers: each line counts as OpenSSH has it, or the file is refused."""

from __future__ import annotations

import base64

import pytest

from engine.model.times import UtcTime
from engine.provenance.allowed import AllowedSigners, allowed_signers
from engine.provenance.sshsig import PublicKey

KEY = PublicKey(bytes(range(32)))
TEXT = f"ssh-ed25519 {base64.b64encode(KEY.blob).decode()}"
NOW = UtcTime.parse("2026-06-01T12:00:00Z")

COUNTS = {
    "a plain line": (f"a@x {TEXT}", True),
    "a line with a comment": (f"a@x {TEXT} alice on her laptop", True),
    "several principals": (f"a@x,b@x {TEXT}", True),
    "quoted principals": (f'"a b@x" {TEXT}', True),
    "its namespace": (f'a@x namespaces="mandate-policy" {TEXT}', True),
    "a pattern of namespaces": (f'a@x namespaces="git,mandate-*" {TEXT}', True),
    "one letter left open": (f'a@x namespaces="mandate?policy" {TEXT}', True),
    "another namespace": (f'a@x namespaces="git" {TEXT}', False),
    "a namespace taken out": (f'a@x namespaces="*,!mandate-policy" {TEXT}', False),
    "valid since a day": (f'a@x valid-after="20260601Z" {TEXT}', True),
    "valid from this minute on": (f'a@x valid-after="202606011200Z" {TEXT}', True),
    "valid from the next second on": (f'a@x valid-after="20260601120001Z" {TEXT}', False),
    "valid until this second": (f'a@x valid-before="20260601120000Z" {TEXT}', True),
    "valid until a second ago": (f'a@x valid-before="20260601115959Z" {TEXT}', False),
    "several options": (f'a@x namespaces="*",valid-before="20270101Z" {TEXT}', True),
    "options in capitals": (f'a@x Valid-Before="20250101Z" {TEXT}', False),
    "an authority": (f"a@x cert-authority {TEXT}", False),
    "another kind of key": ("a@x ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB", False),
    "a remark": (f"# a@x {TEXT}", False),
    "nothing": ("", False),
}


@pytest.mark.parametrize(("line", "counts"), COUNTS.values(), ids=COUNTS)
def test_a_line_counts_as_openssh_has_it(line: str, *, counts: bool) -> None:
    """A key signs for what its line says, between its instants, and for nothing else."""
    read = allowed_signers(f"\n{line}\n", "allowed")
    assert isinstance(read, AllowedSigners)
    found = [
        each
        for each in read.lines_of(KEY)
        if each.signs_for("mandate-policy") and each.valid_at(NOW)
    ]
    assert bool(found) is counts


REFUSED = {
    "no key": "a@x",
    "a damaged key": "a@x ssh-ed25519 AAAA",
    "a key of no length": "a@x ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
    "an unknown option": f"a@x trust-me {TEXT}",
    "an option twice": f'a@x valid-after="20260101Z",valid-after="20250101Z" {TEXT}',
    "a time of no zone": f'a@x valid-before="20260101" {TEXT}',
    "no time": f'a@x valid-before="20261301Z" {TEXT}',
    "words": "who knows what this line is",
}


@pytest.mark.parametrize("line", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_refuses_the_file(line: str) -> None:
    """A line that nobody understands may be the one that takes a key back: its place is told."""
    found = allowed_signers(f"a@x {TEXT}\n{line}\n", "allowed")
    assert not isinstance(found, AllowedSigners)
    (one,) = found
    assert one.code == "M760"
    assert one.place is not None
    assert (one.place.file, one.place.line) == ("allowed", 2)
