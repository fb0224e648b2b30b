"""A bundle: a policy set in one file, as it takes effect, with a statement for people to sign.

In: a sealed set and what it is to be approved for; or bytes. Out: the bytes; or `Bundle`. Refuses
bytes whose files are not exactly those of the statement (M763 added, M764 removed, M765 changed)
or that make another set than it names (M766). Signatures are read here and checked elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError
from engine.policyset.composing import compose
from engine.policyset.sealing import document_from_canonical, sources_of
from engine.provenance.archive import packed, unpacked
from engine.provenance.statement import Envelope, Statement, read_envelope, read_statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.kinds.base import Document
    from engine.model.orders import Mode
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.provenance.sshsig import SshSignature

ENVELOPE = "envelope.json"
TESTS = "tests"
_DOCUMENTS, _SOURCES = "documents", "sources"
_MEND = "take the bundle again from where it was signed"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a set is to be approved for: the highest mode, a number that grows, and an end."""

    purpose: Mode
    sequence: int
    expires: UtcTime
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose files are those of its statement."""

    statement: Statement
    envelope: Envelope
    files: Mapping[str, bytes]

    def data(self) -> bytes:
        """The bundle as bytes."""
        return packed({ENVELOPE: self.envelope.data(), **self.files})

    def signed(self, by: SshSignature) -> Bundle:
        """The bundle with one signature more."""
        return replace(self, envelope=self.envelope.signed(by))

    @property
    def tests(self) -> dict[str, bytes]:
        """The policy tests that came with it, by their names below `tests`."""
        return dict(_below(TESTS, self.files))


def bundled(policy_set: PolicySet, terms: Terms, tests: Mapping[str, bytes]) -> Bundle:
    """A bundle that nobody has signed; `tests` are policy tests, which are in no seal."""
    files = {
        **{f"{_DOCUMENTS}/{each.document.id}.json": each.canonical for each in policy_set.sealed},
        **{f"{_SOURCES}/{name}.py": text for name, text in sources_of(policy_set.sealed).items()},
        **{f"{TESTS}/{name}": data for name, data in tests.items()},
    }
    statement = Statement(
        policy_set=policy_set.hash,
        name=policy_set.name,
        purpose=terms.purpose,
        sequence=terms.sequence,
        expires=terms.expires,
        commit=terms.commit,
        files={name: sha256(data).hexdigest() for name, data in files.items()},
    )
    return Bundle(statement, Envelope(statement.payload()), files)


def read_bundle(data: bytes) -> Bundle | tuple[Diagnostic, ...]:
    """Read a bundle; nothing of it is trusted yet."""
    files = unpacked(data)
    if isinstance(files, tuple):
        return files
    try:
        envelope = read_envelope(files.pop(ENVELOPE))
        statement = read_statement(envelope.payload)
    except KeyError:
        return (Diagnostic("M751", f"the bundle has no `{ENVELOPE}`", None, _MEND),)
    except ValueError:
        return (Diagnostic("M761", f"`{ENVELOPE}` of the bundle is damaged", None, _MEND),)
    return tuple(_differences(statement, files)) or Bundle(statement, envelope, files)


def policy_set_of(bundle: Bundle) -> PolicySet:
    """The set of a bundle; raises MandateError (M766) where it is not the one of the statement."""
    told = bundle.statement
    try:
        composed = compose(list(_documents(bundle.files)), told.name)
    except (ValueError, KeyError, TypeError):
        raise MandateError([_other_set(told, "no set")]) from None
    made = composed.policy_set
    if made is None or made.hash != told.policy_set:
        words = "no set" if made is None else f"the set {made.hash}"
        raise MandateError([_other_set(told, words), *composed.diagnostics])
    return made


def _documents(files: Mapping[str, bytes]) -> Iterator[Document]:
    sources = dict(_below(_SOURCES, files))
    for name, data in _below(_DOCUMENTS, files):
        own = sources.get(f"{name.rpartition('/')[2].removesuffix('.json')}.py")
        strategy = own is not None and name.startswith("Strategy/")
        yield document_from_canonical(data, own.decode("utf-8") if own and strategy else None)


def _below(folder: str, files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for name, data in files.items():
        if name.startswith(f"{folder}/"):
            yield name.removeprefix(f"{folder}/"), data


def _differences(statement: Statement, files: Mapping[str, bytes]) -> Iterator[Diagnostic]:
    for name in sorted(files.keys() | statement.files.keys()):
        if name not in statement.files:
            yield Diagnostic("M763", f"`{name}` was added to the bundle", None, _MEND)
        elif name not in files:
            yield Diagnostic("M764", f"`{name}` was removed from the bundle", None, _MEND)
        elif sha256(files[name]).hexdigest() != statement.files[name]:
            yield Diagnostic("M765", f"`{name}` was changed in the bundle", None, _MEND)


def _other_set(told: Statement, made: str) -> Diagnostic:
    message = f"the statement is of set {told.policy_set}, and the files make {made}"
    mend = "make it again with the release that is to run it, and have it signed again"
    return Diagnostic("M766", message, None, mend)
