"""Bundles that somebody had his hands on: each is refused, and for its own reason."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.orders import Mode
from engine.model.times import UtcTime
from engine.provenance.allowed import AllowedSigners, allowed_signers
from engine.provenance.archive import packed, unpacked
from engine.provenance.bundle import ENVELOPE, Bundle, Terms, bundled
from engine.provenance.statement import Envelope, Statement
from engine.provenance.verified import Trust, verified
from engine.provenance.verifying import Demand, rolled_back, verified_bundle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fakes.people import Person

    from engine.policyset.policyset import PolicySet

NOW = UtcTime.parse("2026-06-01T12:00:00Z")
LATER = UtcTime.parse("2026-09-01T00:00:00Z")
LIMIT = "documents/RiskLimit/max_position.json"


@dataclass(frozen=True)
class Desk:
    """What whoever tampers has at hand."""

    signed: Bundle
    shipped: PolicySet
    people: dict[str, Person]

    def by(self, bundle: Bundle, *names: str) -> Bundle:
        """The bundle, signed by these people."""
        for name in names:
            bundle = bundle.signed(self.people[name].sign(bundle.envelope.to_sign()))
        return bundle

    def terms(self, mode: Mode = Mode.PAPER, sequence: int = 7, expires: UtcTime = LATER) -> Bundle:
        """Another bundle of the same set."""
        return bundled(self.shipped, Terms(mode, sequence, expires), {})

    def files(self, **changed: bytes | None) -> bytes:
        """The archive with other files; None takes one away."""
        files = {ENVELOPE: self.signed.envelope.data(), **self.signed.files}
        names = {"limit": LIMIT, "envelope": ENVELOPE, "test": "tests/limits.yaml"}
        for name, data in changed.items():
            at = names.get(name, name)
            files = {each: old for each, old in files.items() if each != at}
            files |= {} if data is None else {at: data}
        return packed(files)

    def restated(self, **changes: object) -> bytes:
        """A statement with other words, which Alice herself signed."""
        told = replace(self.signed.statement, **changes)  # type: ignore[arg-type]  # names of the table
        return self.by(Bundle(told, Envelope(told.payload()), self.signed.files), "alice").data()

    def member(self, name: str, kind: bytes = tarfile.REGTYPE, data: bytes = b"") -> bytes:
        """The archive with one member more, as tar alone would write it."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for each, content in {
                ENVELOPE: self.signed.envelope.data(),
                **self.signed.files,
            }.items():
                entry = tarfile.TarInfo(each)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
            entry = tarfile.TarInfo(name)
            entry.type, entry.size, entry.linkname = kind, len(data), "policyset.yaml"
            archive.addfile(entry, io.BytesIO(data))
        return out.getvalue()


def _moved(desk: Desk) -> bytes:
    other = desk.by(desk.terms(sequence=8), "alice")
    signature = desk.signed.envelope.signatures[0]
    return replace(other, envelope=Envelope(other.envelope.payload, (signature,))).data()


def _other_documents(desk: Desk) -> bytes:
    """A statement of this set over files that make another one, signed by Alice all the same."""
    files = {name: data for name, data in desk.signed.files.items() if "AlertRule" not in name}
    hashes = {name: sha256(data).hexdigest() for name, data in files.items()}
    told = replace(desk.signed.statement, files=hashes)
    return desk.by(Bundle(told, Envelope(told.payload()), files), "alice").data()


def _not_documents(desk: Desk) -> bytes:
    files = {"documents/RiskLimit/x.json": b'{"kind":"RiskLimit"}'}
    hashes = {name: sha256(data).hexdigest() for name, data in files.items()}
    told = replace(desk.signed.statement, files=hashes)
    return desk.by(Bundle(told, Envelope(told.payload()), files), "alice").data()


def _for_git(desk: Desk) -> bytes:
    made = desk.people["alice"].sign(desk.signed.envelope.to_sign(), "git")
    return replace(desk.signed, envelope=Envelope(desk.signed.envelope.payload, (made,))).data()


def _flipped(desk: Desk) -> bytes:
    data = bytearray(desk.signed.data())
    data[data.index(b"mandate/v1") + 1] ^= 1
    return bytes(data)


TAMPERED: dict[str, tuple[str, Callable[[Desk], bytes]]] = {
    "nobody signed it": ("M751", lambda desk: desk.terms().data()),
    "the envelope is gone": ("M751", lambda desk: desk.files(envelope=None)),
    "the signatures were taken out": (
        "M751",
        lambda desk: desk.files(envelope=Envelope(desk.signed.envelope.payload).data()),
    ),
    "a signature of another set": ("M752", _moved),
    "an unknown key": ("M753", lambda desk: desk.by(desk.terms(), "mallory").data()),
    "expired this second": ("M754", lambda desk: desk.by(desk.terms(expires=NOW), "alice").data()),
    "a key out of its dates": ("M755", lambda desk: desk.by(desk.terms(), "old").data()),
    "a key that is not valid yet": ("M755", lambda desk: desk.by(desk.terms(), "new").data()),
    "approved for a dry run only": (
        "M756",
        lambda desk: desk.by(desk.terms(Mode.DRY_RUN), "alice").data(),
    ),
    "a signature made for git": ("M756", _for_git),
    "a key that may sign commits only": (
        "M756",
        lambda desk: desk.by(desk.terms(), "gitter").data(),
    ),
    "a name with dots that lead out": ("M762", lambda desk: desk.member("../policyset.yaml")),
    "a name with dots inside": ("M762", lambda desk: desk.member("documents/../../x.json")),
    "an absolute name": ("M762", lambda desk: desk.member("/etc/cron.d/x")),
    "a name with a backslash": ("M762", lambda desk: desk.member("..\\x")),
    "a hidden name": ("M762", lambda desk: desk.member(".git/config")),
    "a symbolic link": ("M762", lambda desk: desk.member("x.json", tarfile.SYMTYPE)),
    "a hard link": ("M762", lambda desk: desk.member("x.json", tarfile.LNKTYPE)),
    "a device": ("M762", lambda desk: desk.member("null", tarfile.CHRTYPE)),
    "a folder": ("M762", lambda desk: desk.member("documents", tarfile.DIRTYPE)),
    "a case twin": ("M762", lambda desk: desk.member(LIMIT.upper())),
    "a file that is there twice": ("M762", lambda desk: desk.member(LIMIT)),
    "a document added": ("M763", lambda desk: desk.files(**{"documents/Waiver/w.json": b"{}"})),
    "a test added": ("M763", lambda desk: desk.files(**{"tests/more.yaml": b""})),
    "a limit removed": ("M764", lambda desk: desk.files(limit=None)),
    "the tests removed": ("M764", lambda desk: desk.files(test=None)),
    "a limit changed": ("M765", lambda desk: desk.files(limit=b"{}")),
    "one bit of a document flipped": ("M765", _flipped),
    "documents of another set": ("M766", _other_documents),
    "files that are no documents": ("M766", _not_documents),
    "another hash in the statement": ("M766", lambda desk: desk.restated(policy_set="0" * 64)),
    "another name in the statement": ("", lambda desk: desk.restated(name="other")),
    "a statement without a sequence": ("M761", lambda desk: desk.restated(sequence=0)),
    "a statement of a negative sequence": ("M761", lambda desk: desk.restated(sequence=-7)),
    "an envelope of noise": ("M761", lambda desk: desk.files(envelope=b"\xff{")),
    "an envelope nested without end": ("M761", lambda desk: desk.files(envelope=b"[" * 100_000)),
    "an envelope that is a list": ("M761", lambda desk: desk.files(envelope=b"[]")),
    "an envelope with room in it": (
        "M761",
        lambda desk: desk.files(envelope=b" " + desk.signed.envelope.data()),
    ),
    "bytes after the end": ("M761", lambda desk: desk.signed.data() + b"\0" * 512),
    "a zip in front": ("M761", lambda desk: b"PK\3\4" + desk.signed.data()),
    "cut in the middle": ("M761", lambda desk: desk.signed.data()[:3000]),
    "empty": ("M761", lambda _: b""),
    "larger than any set": ("M761", lambda _: b"\0" * (16 * 1024 * 1024 + 1)),
    "written by another tar": ("M761", lambda desk: desk.member("tests/x.yaml")),
}


@pytest.fixture(scope="module")
def desk(signed: Bundle, shipped: PolicySet, people: dict[str, Person]) -> Desk:
    """A signed bundle and the people; the host knows two keys of Bob by their dates."""
    return Desk(signed, shipped, people)


@pytest.fixture(scope="module")
def trust(people: dict[str, Person], tmp_path_factory: pytest.TempPathFactory) -> Trust:
    """The host's allowed signers, and one signer who is enough."""
    lines = [
        f'{people["alice"].name} namespaces="mandate-*" {people["alice"].public}',
        f'bob namespaces="mandate-policy" {people["bob"].public}',
        f'old valid-before="20260101Z" {people["old"].public}',
        f'new valid-after="20270101Z" {people["new"].public}',
        f'gitter namespaces="git" {people["gitter"].public}',
    ]
    file = tmp_path_factory.mktemp("host") / "allowed_signers"
    file.write_text("\n".join(lines))
    return Trust(file, 1, None)


def _codes(data: bytes, trust: Trust, folder: Path) -> list[str]:
    file = folder / "set.bundle"
    file.write_bytes(data)
    found = verified(file, trust, NOW)
    assert (found.policy_set is None) is bool(found.diagnostics)
    return sorted({each.code for each in found.diagnostics})


def test_what_was_signed_runs(desk: Desk, trust: Trust, tmp_path: Path) -> None:
    """A bundle that nobody touched is the set that was signed, with its signer and its terms."""
    file = tmp_path / "set.bundle"
    file.write_bytes(desk.signed.data())
    policy_set, approval = verified(file, trust, NOW).required()
    assert policy_set.hash == desk.shipped.hash
    assert [each.id for each in policy_set.rules] == [each.id for each in desk.shipped.rules]
    assert [each.principal for each in approval.signers] == ["alice@example.com"]
    assert (approval.sequence, approval.purpose, approval.expires) == (7, Mode.PAPER, LATER)


@pytest.mark.parametrize(("code", "tamper"), TAMPERED.values(), ids=TAMPERED)
def test_what_was_tampered_with_is_refused(
    code: str, tamper: Callable[[Desk], bytes], desk: Desk, trust: Trust, tmp_path: Path
) -> None:
    """Each way of changing a bundle is refused, and told by a code of its own."""
    assert _codes(tamper(desk), trust, tmp_path) == ([code] if code else [])


def test_most_of_the_table_is_tampering() -> None:
    """At least twenty-five rows are refused."""
    assert sum(bool(code) for code, _ in TAMPERED.values()) >= 25


@pytest.mark.parametrize(
    ("signed_by", "wanted", "code"),
    [
        (("alice", "bob"), 2, None),
        (("alice",), 2, "M758"),
        (("alice", "mallory"), 2, "M753"),
        (("alice", "bob", "mallory"), 2, None),
        (("alice", "alice"), 2, "M758"),
        ((), 2, "M751"),
    ],
)
def test_so_many_people_must_sign(
    signed_by: tuple[str, ...],
    wanted: int,
    code: str | None,
    desk: Desk,
    trust: Trust,
    tmp_path: Path,
) -> None:
    """People count, not signatures; one too many from a stranger harms nobody."""
    data = desk.by(desk.terms(), *signed_by).data()
    assert _codes(data, replace(trust, signers=wanted), tmp_path) == ([code] if code else [])


def test_a_higher_mode_than_approved_is_refused(desk: Desk, trust: Trust, tmp_path: Path) -> None:
    """What was approved for paper never runs live, and may run dry."""
    data = desk.signed.data()
    assert _codes(data, replace(trust, mode=Mode.LIVE), tmp_path) == ["M756"]
    assert _codes(data, replace(trust, mode=Mode.DRY_RUN), tmp_path) == []


@pytest.mark.parametrize(
    ("sequence", "same_set", "refused"),
    [(8, False, False), (7, True, False), (7, False, True), (6, True, True), (6, False, True)],
)
def test_an_older_approval_is_rolled_back(
    desk: Desk, trust: Trust, tmp_path: Path, sequence: int, *, same_set: bool, refused: bool
) -> None:
    """Only a higher sequence replaces what ran; the same approval may start again."""
    file = tmp_path / "set.bundle"
    file.write_bytes(desk.by(desk.terms(sequence=sequence), "alice").data())
    policy_set, approval = verified(file, trust, NOW).required()
    before = policy_set.hash if same_set else "0" * 64
    found = rolled_back(policy_set.hash, approval, before, 7)
    assert (found is not None and found.code == "M757") is refused
    assert rolled_back(policy_set.hash, approval, None, None) is None


def test_equal_sets_make_equal_bytes(desk: Desk) -> None:
    """A bundle is a function of the set and its terms, and is read as what was written."""
    again = bundled(desk.shipped, Terms(Mode.PAPER, 7, LATER), desk.signed.tests)
    assert again.data() == replace(desk.signed, envelope=again.envelope).data()
    assert unpacked(again.data()) == {ENVELOPE: again.envelope.data(), **again.files}


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_no_damage_passes(desk: Desk, trust: Trust, data: st.DataObject) -> None:
    """Whatever bytes of a bundle change, it is refused with findings and nothing else."""
    allowed = allowed_signers(trust.allowed_signers.read_text(), "allowed")
    assert isinstance(allowed, AllowedSigners)
    whole = desk.signed.data()
    at = data.draw(st.integers(0, len(whole) - 1))
    noise = data.draw(st.binary(min_size=1, max_size=40))
    changed = whole[:at] + noise + whole[at + len(noise) :]
    found = verified_bundle(changed, Demand(allowed, 1, None), NOW)
    assert changed == whole or (found.policy_set is None and found.diagnostics)


def test_a_statement_says_what_it_was_told(desk: Desk) -> None:
    """The statement names every file of the bundle by its hash."""
    told: Statement = desk.signed.statement
    assert told.files == {
        name: sha256(data).hexdigest() for name, data in desk.signed.files.items()
    }
    assert told.policy_set == desk.shipped.hash
