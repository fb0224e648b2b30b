"""The seal: one meaning, one hash; and a second program that agrees with it."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import plain
from engine.policyset.seal import (
    canonical_bytes,
    document_hash,
    plain_from_canonical,
    set_hash,
    source_hash,
)

if TYPE_CHECKING:
    from engine.kinds.base import Plain

VECTORS = json.loads((Path(__file__).parent / "seal_vectors.json").read_text())


# --- a second implementation, with nothing of the engine: only json and hashlib -----------------


def tagged(value: Any) -> Any:
    """The tagged form of what `seal_vectors.json` holds: numbers are `{"number": text}` there."""
    if isinstance(value, dict) and set(value) == {"number"}:
        return {"n": value["number"]}
    if isinstance(value, dict):
        spelt = {
            key + "n" if key and not key.strip("n") else key: each for key, each in value.items()
        }
        return {key: tagged(each) for key, each in spelt.items() if each is not None}
    return [tagged(each) for each in value] if isinstance(value, list) else value


def spelt(value: Any) -> bytes:
    """RFC 8785 for text and flags only, whose keys are ASCII: then sorting is plain."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(*parts: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(b"".join(parts)).hexdigest()


def plain_of(value: Any) -> Plain:
    """What `seal_vectors.json` holds, as the engine's plain data."""
    if isinstance(value, dict) and set(value) == {"number"}:
        return Decimal(value["number"])
    if isinstance(value, dict):
        return {key: plain_of(each) for key, each in value.items()}
    return [plain_of(each) for each in value] if isinstance(value, list) else value


# --- the vectors ---------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS["documents"], ids=lambda each: each["says"])
def test_documents_have_the_bytes_and_hashes_that_another_program_can_check(
    vector: dict[str, Any],
) -> None:
    """Canonical bytes and document hash are those written down, in both implementations."""
    expected = vector["canonical"].encode()
    heading = f"mandate.document.v1\n{vector['kind']}/{vector['name']}\n".encode()
    assert canonical_bytes(plain_of(vector["document"])) == expected
    assert spelt(tagged(vector["document"])) == expected
    assert document_hash(vector["kind"], vector["name"], expected) == vector["sha256"]
    assert digest(heading, expected) == vector["sha256"]


@pytest.mark.parametrize("vector", VECTORS["sets"], ids=lambda each: each["says"])
def test_sets_have_the_hashes_that_another_program_can_check(vector: dict[str, Any]) -> None:
    """The set's hash is the one written down, in both implementations."""
    sources = {name: text.encode() for name, text in vector["sources"].items()}
    ours = set_hash(
        [(each, value) for each, value in vector["documents"]],
        language_version=vector["language"],
        vocabulary_hash=vector["vocabulary"],
        producers_hash=vector["producers"],
        strategy_sources=sources,
    )
    hashed = {name: digest(b"mandate.source.v1\n", text) for name, text in sources.items()}
    body = {
        "documents": sorted(vector["documents"]),
        "language": vector["language"],
        "producers": vector["producers"],
        "sources": hashed,
        "vocabulary": vector["vocabulary"],
    }
    assert ours == vector["sha256"]
    assert digest(b"mandate.set.v1\n", spelt(body)) == vector["sha256"]


# --- properties of the bytes ---------------------------------------------------------------------

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)
KEYS = st.text("abn_", min_size=1, max_size=4)
PLAIN = st.recursive(
    st.one_of(NUMBERS, st.booleans(), st.text(st.characters(codec="utf-8"), max_size=8)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.long
@settings(deadline=None, max_examples=120)
@given(PLAIN)
def test_canonical_bytes_can_be_read_back(value: Plain) -> None:
    """What is read back has the same bytes again, so the ledger's copy of a set is the set."""
    data = canonical_bytes(value)
    assert canonical_bytes(plain_from_canonical(data)) == data


def meaning(value: Plain) -> Any:
    """The value with its type beside it, since Python takes 0 and False for equal."""
    if isinstance(value, dict):
        return {key: meaning(each) for key, each in value.items()}
    if isinstance(value, list):
        return [meaning(each) for each in value]
    return (type(value), normalize("NFC", value) if isinstance(value, str) else value)


@pytest.mark.long
@settings(deadline=None, max_examples=120)
@given(PLAIN, PLAIN)
def test_other_data_has_other_bytes(one: Plain, other: Plain) -> None:
    """Two values share their bytes exactly when they mean the same."""
    assert (canonical_bytes(one) == canonical_bytes(other)) == (meaning(one) == meaning(other))


SAME = (
    ("the order of keys", {"a": "1", "b": "2"}, {"b": "2", "a": "1"}),
    ("zeros that say nothing", {"a": Decimal("0.10")}, {"a": Decimal("0.1")}),
    ("an exponent", {"a": Decimal("1E+2")}, {"a": Decimal(100)}),
    ("minus zero", {"a": Decimal("-0.0")}, {"a": Decimal(0)}),
    ("a field that is not set", {"a": "1", "b": None}, {"a": "1"}),
    ("composed letters", {"a": "e\u0301"}, {"a": "\u00e9"}),
)
OTHER = (
    ("a number and its text", {"a": Decimal(3)}, {"a": "3"}),
    ("a number and a mapping that looks like one", {"a": Decimal(3)}, {"a": {"n": "3"}}),
    ("a key and its escape", {"n": "3"}, {"nn": "3"}),
    ("a flag and its text", {"a": True}, {"a": "true"}),
    ("nothing and an empty text", {"a": None}, {"a": ""}),
    ("the order of a list", {"a": ["1", "2"]}, {"a": ["2", "1"]}),
    ("upper and lower case", {"a": "x"}, {"a": "X"}),
    ("an empty list and nothing", {"a": []}, {}),
    ("the thirtieth digit", {"a": Decimal("1." + "0" * 28 + "1")}, {"a": Decimal(1)}),
)


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_what_does_not_matter_does_not_change_the_bytes(one: Plain, other: Plain) -> None:
    """Spelling and order of keys are not part of the meaning."""
    assert canonical_bytes(one) == canonical_bytes(other)


@pytest.mark.parametrize(
    ("one", "other"), [row[1:] for row in OTHER], ids=[row[0] for row in OTHER]
)
def test_what_matters_changes_the_bytes(one: Plain, other: Plain) -> None:
    """Another type, another value, another order of a list is another policy."""
    assert canonical_bytes(one) != canonical_bytes(other)


NOT_OURS = (
    b'{"b":"1","a":"2"}',
    b'{"a": "1"}',
    b'{"a":1}',
    b'{"a":1.5}',
    b'{"a":NaN}',
    b'{"a":{"n":"1.50"}}',
    b'{"a":{"n":"1e3"}}',
    b'{"a":{"n":"NaN"}}',
    b'{"a":{"n":"x"}}',
    b'{"a":null}',
    b'{"a":"1","a":"1"}',
    b'{"a":"e\xcc\x81"}',
    b'{"a":"\\u0041"}',
    b'{"n":{"n":"1"}}',
    b'{"a":"1"}\n',
    b"{",
    b"",
    b"\xff",
    b"[" * 100_000,
)


@pytest.mark.parametrize("data", NOT_OURS, ids=lambda data: repr(data[:24]))
def test_bytes_that_the_seal_never_wrote_are_refused(data: bytes) -> None:
    """A stored document in any other spelling is not taken, so no two bodies share a meaning."""
    with pytest.raises(ValueError, match=r"."):
        plain_from_canonical(data)


def test_a_set_has_each_document_once() -> None:
    """Two documents of one id would make the hash say less than it claims."""
    with pytest.raises(ValueError, match="one id"):
        _set_of([("RiskLimit/a", "0" * 64), ("RiskLimit/a", "1" * 64)])


def test_each_part_of_a_set_changes_its_hash() -> None:
    """Documents, language, vocabulary, producers and sources all count; their order does not."""
    first, second = ("RiskLimit/a", "0" * 64), ("RiskLimit/b", "1" * 64)
    base = _set_of([first, second])
    assert _set_of([second, first]) == base
    others = {
        _set_of([first]),
        _set_of([first, ("RiskLimit/b", "2" * 64)]),
        _set_of([first, ("RiskLimit/c", "1" * 64)]),
        _set_of([first, second], language_version="v2"),
        _set_of([first, second], vocabulary_hash="c" * 64),
        _set_of([first, second], producers_hash="c" * 64),
        _set_of([first, second], strategy_sources={"momentum": b"x"}),
        _set_of([first, second], strategy_sources={"momentum": b"y"}),
        _set_of([first, second], strategy_sources={"reversal": b"x"}),
    }
    assert len(others | {base}) == 10


def test_domains_keep_hashes_apart() -> None:
    """The same bytes as a document, as a source and bare have three hashes."""
    data = b"{}"
    assert len({document_hash("A", "b", data), source_hash(data), digest(data)}) == 3


def _set_of(documents: list[tuple[str, str]], **parts: Any) -> str:
    given_parts = {
        "language_version": "v1",
        "vocabulary_hash": "a" * 64,
        "producers_hash": "b" * 64,
        "strategy_sources": {},
    }
    return set_hash(documents, **(given_parts | parts))


# --- from YAML to the hash: rewrites that say the same, edits that do not ------------------------

DOCUMENT: Plain = {
    "apiVersion": "mandate/v1",
    "kind": "RiskLimit",
    "metadata": {"name": "max_position", "description": "No asset may exceed 3 % of equity."},
    "spec": {
        "scope": "symbol",
        "intents": ["entry", "add"],
        "require": "position.pct_after <= params.max_pct",
        "params": {
            "max_pct": {"by": "regime.name", "bull": Decimal("3.6"), "crash": Decimal(0)},
            "floor_usd": Decimal("1250.50"),
        },
        "stage": "enforce",
        "unlimited": False,
    },
}


class Writer:
    """Writes plain data as YAML in one of the many ways that mean the same."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - a choice of spellings, not a secret

    def _one_of(self, *choices: str) -> str:
        return self._random.choice(choices)

    def _shuffled(self, value: dict[str, Plain]) -> list[tuple[str, Plain]]:
        return self._random.sample(list(value.items()), len(value))

    def document(self, value: Plain) -> str:
        """A whole file, with comments and a mark at its start or not."""
        return (
            self._one_of("", "---\n", "# risk\n\n") + self._block(value, 0) + self._one_of("", "\n")
        )

    def _block(self, value: Plain, indent: int) -> str:
        assert isinstance(value, dict)
        lines = []
        for key, each in self._shuffled(value):
            before = " " * indent + self._key(key) + ":"
            if isinstance(each, dict) and self._random.random() < 0.5:
                below = indent + self._random.randint(1, 4)
                lines.append(before + self._comment() + "\n" + self._block(each, below))
            elif isinstance(each, list) and self._random.random() < 0.5:
                items = "".join(f"{' ' * indent}- {self._flow(item)}\n" for item in each)
                lines.append(before + self._comment() + "\n" + items)
            else:
                gap = self._one_of(" ", "   ")
                lines.append(before + gap + self._flow(each) + self._comment() + "\n")
        return "".join(line + self._one_of("", "\n", "# why\n") for line in lines)

    def _comment(self) -> str:
        return self._one_of("", "  # unused: 1", "   ")

    def _flow(self, value: Plain) -> str:
        if isinstance(value, dict):
            pairs = self._shuffled(value)
            inner = [f"{self._key(key)}: {self._flow(each)}" for key, each in pairs]
            return "{" + self._one_of("", " ") + self._one_of(",", ", ").join(inner) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self._flow(each) for each in value) + self._one_of("]", ",]")
        return self._scalar(value)

    def _key(self, key: str) -> str:
        return self._one_of(key, f'"{key}"', f"'{key}'")

    def _scalar(self, value: Plain) -> str:
        if isinstance(value, Decimal):
            zeros = "0" * self._random.randint(0, 3)
            text = f"{value:f}"
            return text + (zeros if "." in text else "." + zeros if zeros else "")
        if isinstance(value, str):
            escaped = "".join(f"\\x{ord(c):02x}" if c == "e" else c for c in value)
            return self._one_of(value, f'"{value}"', f"'{value}'", f'"{escaped}"')
        return "null" if value is None else str(value).lower()


@pytest.mark.long
@settings(deadline=None, max_examples=1000)
@given(st.integers(0, 2**64))
def test_a_thousand_spellings_have_one_hash(seed: int) -> None:
    """Comments, key order, layout, quotes, flow or block and zeros do not change the seal."""
    result = read_yaml(Writer(seed).document(DOCUMENT).encode(), "f.yaml")
    assert result.diagnostics == ()
    assert result.root is not None
    assert canonical_bytes(plain(result.root)) == canonical_bytes(DOCUMENT)


def edits(value: Plain, depth: int = 0) -> list[Plain]:
    """Documents that differ from `value` in exactly one place, about a hundred a level."""
    if isinstance(value, dict):
        gone = [{k: v for k, v in value.items() if k != key} for key in value]
        named = [{(k + "_" if k == key else k): v for k, v in value.items()} for key in value]
        inner = [value | {key: each} for key in value for each in edits(value[key], depth + 1)]
        return [*gone, *named, *inner, value | {"extra": "x"}, value | {"extra": Decimal(1)}]
    if isinstance(value, list):
        inner = [
            [*value[:i], each, *value[i + 1 :]]
            for i in range(len(value))
            for each in edits(value[i])
        ]
        return [*inner, value[::-1], value[1:], [*value, "trim"]]
    if isinstance(value, Decimal):
        steps = [Decimal(step).scaleb(-places) for step in (1, -1, 3) for places in range(12)]
        return [*(value + step for step in steps), str(value), -value - 7, True]
    if isinstance(value, bool):
        return [not value, str(value).lower(), Decimal(int(value))]
    assert isinstance(value, str)
    places = range(len(value))
    return [
        *(value[:i] + new + value[i:] for i in range(len(value) + 1) for new in "~^#|"),
        *(value[:i] + value[i].swapcase() + value[i + 1 :] for i in places if value[i].isalpha()),
        *(value[:i] + " \u00b7" + value[i + 1 :] for i in places),
        *(value[:i] + "\u0435" + value[i + 1 :] for i in places),
        value + " ",
        [value],
    ]


def test_a_thousand_edits_have_a_thousand_hashes() -> None:
    """Each single edit of the document has a hash of its own, and none has the document's."""
    changed = edits(DOCUMENT)
    hashes = {document_hash("RiskLimit", "max_position", canonical_bytes(each)) for each in changed}
    assert len(changed) > 1000
    assert len(hashes) == len(changed)
    assert document_hash("RiskLimit", "max_position", canonical_bytes(DOCUMENT)) not in hashes
