"""From plain data to typed documents: what is refused, in which words, and at which place."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from policyset.documents import GOOD, SHAPES, good_documents, marks, parsed, raw_of
from pydantic import ValidationError

from engine.codes import CODES
from engine.errors import in_file_order
from engine.kinds.registry import KINDS
from engine.policyset.build import build
from engine.policyset.loading import split_items
from engine.policyset.overlay import RawDocument
from engine.policyset.seal import canonical_bytes
from engine.policyset.sealing import effective_plain
from engine.policyset.shape import _validator, check_envelope, check_shape
from engine.policyset.shaping import schemas
from engine.policyset.shaping.misfits import _WORDS
from engine.policyset.shaping.schemas import LISTS, committed, inlined, keys_at, schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.kinds.base import Plain

ANNOTATIONS = {
    *("$schema", "title", "description", "default", "examples"),
    *("properties", "patternProperties", "propertyNames", "items", "prefixItems"),
}


@pytest.mark.parametrize("path", SHAPES, ids=lambda path: path.stem)
def test_bad_documents_earn_exactly_the_findings_beside_them(path: Path) -> None:
    """Each bad document is refused with just the codes and places of its `.expected` file."""
    result = build(*parsed(path.read_bytes(), path.name))
    found = in_file_order(result.diagnostics)
    assert result.document is None
    assert marks(found) == path.with_suffix(".expected").read_text().split()


@pytest.mark.parametrize("path", SHAPES, ids=lambda path: path.stem)
def test_every_finding_of_shape_has_words_and_a_mend(path: Path) -> None:
    """A finding says what and how to mend it, in the form of the house."""
    for each in build(*parsed(path.read_bytes(), path.name)).diagnostics:
        assert each.code in CODES
        assert each.help
        assert each.message.isprintable()
        assert not each.message.endswith(".")


def test_bad_documents_earn_every_code_of_shape() -> None:
    """No code of shape and meaning lacks a document that earns it."""
    earned = {
        line[:4] for path in SHAPES for line in path.with_suffix(".expected").read_text().split()
    }
    # What M313 to M328 say needs more than one document, or its expressions.
    assert earned == {code for code in CODES if "M300" <= code <= "M312" or code == "M329"}


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_documents_build(path: Path) -> None:
    """A document that says all that its kind can say has no finding."""
    documents, found = split_items(raw_of(path))
    assert found == []
    for each in documents:
        result = build(dict(each.plain), each.places)
        assert result.diagnostics == ()
        assert result.document is not None
        assert result.document.id == each.id


def test_good_documents_use_every_key_of_every_kind() -> None:
    """The good documents say each field at least once, so the properties below meet them all."""
    used = {(each.kind, *key) for each in good_documents() for key in _keys(each.plain)}
    declared = {(kind, *path) for kind in KINDS for path in _declared(inlined(schema_of(kind)))}
    # A rung's keys exclude each other, and every document has the same metadata.
    unused = {each for each in declared - used if not {"metadata", "ladders"} & set(each)}
    assert unused == set()


@pytest.mark.parametrize("kind", [*KINDS, *LISTS])
def test_documents_are_held_to_what_their_class_says(kind: str) -> None:
    """The schema that is read is the one that the document class generates."""
    assert (schemas._folder() / schemas.file_name(kind)).is_file()
    assert committed(kind) == json.loads(json.dumps(schema_of(kind)))


def test_a_kind_without_a_file_is_looked_for_among_the_classes() -> None:
    """Where no schema was written out yet, the document class is asked; here there is none."""
    with pytest.raises(KeyError, match="Absent"):
        committed("Absent")


def test_words_exist_for_every_rule_of_every_schema() -> None:
    """Whatever keyword a schema uses, there are words of ours for breaking it."""
    kinds = [*KINDS, *LISTS]
    assert {each for kind in kinds for each in _keywords(inlined(schema_of(kind)))} <= (
        _WORDS.keys() | ANNOTATIONS
    )


@pytest.mark.parametrize("each", good_documents(), ids=lambda each: each.id)
def test_what_is_dumped_has_the_shape_it_was_read_with(each: RawDocument) -> None:
    """The typed document as data fits the schema again, so a sealed set can be built again."""
    document = build(dict(each.plain), each.places).document
    assert document is not None
    assert check_shape(effective_plain(document), each.places) == []


STRANGERS: tuple[Plain, ...] = (
    *(None, True, False, "", "x", "15m", "2025-11-22T10:00:00Z", "next_utc_day", "a\n"),
    *(Decimal(0), Decimal(5), Decimal("0.5"), Decimal(-1), Decimal("1E+20")),
    *(
        [],
        ["x"],
        [Decimal(1), Decimal(2)],
        {},
        {"x": "y"},
        {"by": "regime.name", "bull": Decimal(1)},
    ),
)


@pytest.mark.parametrize("each", good_documents(), ids=lambda each: each.id)
def test_shape_and_class_agree(each: RawDocument) -> None:
    """Whatever a strange value does, the class never finds a wrong type that the schema let by."""
    for changed in _changes(dict(each.plain)):
        found = check_shape(changed, each.places)
        if found:
            assert all("M300" <= one.code <= "M311" and one.help for one in found)
            continue
        assert isinstance(changed, dict)
        types = _types_of_errors(changed)
        assert not types or "value_error" in types, changed


def test_each_edit_of_a_good_document_that_still_builds_changes_its_seal() -> None:
    """Whatever else a document may say in any of its fields, it is another document."""
    edits = 0
    for each in good_documents():
        original = build(dict(each.plain), each.places).document
        assert original is not None
        seals = {canonical_bytes(effective_plain(original))}
        written = canonical_bytes(dict(each.plain))
        # Every third of some ten thousand edits: still more than a person would try.
        for changed in islice(_changes(dict(each.plain)), 0, None, 3):
            document = build(changed, each.places).document
            if document is not None and canonical_bytes(changed) != written:
                edits += 1
                assert canonical_bytes(effective_plain(document)) not in seals, changed
    assert edits > 150


def test_a_list_has_its_items_checked_one_by_one() -> None:
    """The file of a list has a closed envelope; what an item says is asked of its own kind."""
    text = (
        b"apiVersion: mandate/v1\nkind: Waivers\nowner: x\nitems:\n  - {spec: {}, kind: Waiver}\n"
    )
    data, there = parsed(text)
    assert isinstance(data, dict)
    documents, found = split_items(RawDocument(data, there))
    assert documents == []
    assert sorted(marks(found)) == ["M303:3:1", "M303:5:16"]
    assert {each.code for each in check_envelope("Waivers", data | {"items": []}, there)} == {
        "M303",
        "M310",
    }


def test_the_schema_of_a_list_is_that_of_its_items() -> None:
    """An editor that knows the schema of a list finds the fields of each item in it."""
    assert keys_at("RiskLimits", ("items", 0, "spec")) == keys_at("RiskLimit", ("spec",))
    assert set(LISTS) == {"RiskLimits", "CircuitBreakers", "Strategies", "AlertRules", "Waivers"}


def test_validators_are_made_once() -> None:
    """Two documents of one kind share their validator."""
    assert _validator("RiskLimit") is _validator("RiskLimit")


def _types_of_errors(data: dict[str, Plain]) -> set[str]:
    try:
        KINDS[str(data["kind"])].document.model_validate(data)
    except ValidationError as error:
        return {one["type"] for one in error.errors()}
    return set()


def _keys(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield (*path, key)
            yield from _keys(each, (*path, key))
    elif isinstance(value, list):
        for each in value:
            yield from _keys(each, (*path, "*"))


def _declared(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for form in schema.get("anyOf", [schema]):
        for key, each in form.get("properties", {}).items():
            yield (*path, key)
            yield from _declared(each, (*path, key))
        if isinstance(form.get("items"), dict):
            yield from _declared(form["items"], (*path, "*"))


def _keywords(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from _keywords(each)
    elif isinstance(schema, dict):
        for key, each in schema.items():
            yield key
            named = key in ("properties", "patternProperties")
            yield from _keywords(list(each.values()) if named else each)


def _changes(value: Plain) -> Iterator[Plain]:
    """The value with each part of it replaced by each stranger, gone, or with a stranger beside."""
    if isinstance(value, dict):
        yield value | {"stranger": "x"}
        for key, each in value.items():
            yield {k: v for k, v in value.items() if k != key}
            yield from (value | {key: changed} for changed in _changes(each))
    if isinstance(value, list):
        yield [*value, "stranger"]
        yield value[1:]
        for index, each in enumerate(value):
            yield from (
                [*value[:index], changed, *value[index + 1 :]] for changed in _changes(each)
            )
    yield from STRANGERS
