"""The JSON Schemas of the kinds: generated from their document classes, and read as committed.

In: the name of a kind, or of a list of one (`RiskLimits`). Out: its schema, and the keys that
a document of the kind may have at a path. The classes are the truth; the committed files under
`schemas/` are these, written out, and `policy schema --check` holds them equal.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from engine.kinds.registry import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.kinds.base import Closed, Path

DIALECT = "https://json-schema.org/draft/2020-12/schema"
API_VERSION = "mandate/v1"
Schema = dict[str, Any]

_ENGINE = FilePath(__file__).resolve().parents[2]
_INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HEAD = {
    "apiVersion": "The version of the document's form.",
    "kind": "What the document is; it decides which keys `spec` has.",
    "metadata": "Who the document is.",
    "spec": "What the document says.",
}

LISTS: Mapping[str, str] = {
    (f"{kind.removesuffix('y')}ies" if kind.endswith("y") else f"{kind}s"): kind
    for kind, entry in KINDS.items()
    if not entry.single and kind != "PolicySet"
}
"""The kinds that one file may hold several of, by the name of the list: RiskLimits, Waivers, …"""


@cache
def schema_of(kind: str) -> Schema:
    """The JSON Schema of one kind, closed throughout; of a list, that of its file."""
    if kind in LISTS:
        return _list_schema(kind)
    return {"$schema": DIALECT, **generated(KINDS[kind].document), "title": kind}


def file_name(kind: str) -> str:
    """`RiskLimit` is described in `risk-limit.schema.json`."""
    return f"{_INNER_CAPITAL.sub('-', kind).lower()}.schema.json"


@cache
def committed(kind: str) -> Schema:
    """The schema of one kind as it was written out, which is what documents are held to.

    To generate the same again would take a tenth of a second of every start.
    """
    try:
        schema: Schema = json.loads((_folder() / file_name(kind)).read_bytes())
    except FileNotFoundError:
        # A kind that is being added has a class before it has a file.
        return schema_of(kind)
    return schema


@cache
def _folder() -> FilePath:
    # INVARIANT: a wheel has `_schemas`, so what lies beside an installed `engine` is never read.
    packaged = _ENGINE / "_schemas"
    return packaged if packaged.is_dir() else _ENGINE.parent / "schemas"


class _KeysAreTitles(GenerateJsonSchema):
    """The generator without a title for each field: in an editor the key itself says it."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Never."""
        del schema
        return False


def generated(document: type[Closed]) -> Schema:
    """The JSON Schema of a document class, closed throughout."""
    schema: Schema = document.model_json_schema(by_alias=True, schema_generator=_KeysAreTitles)
    for key, words in _HEAD.items():
        schema["properties"][key]["description"] = words
    closed: Schema = _closed(schema)
    return closed


@cache
def envelope_of(kind: str) -> Schema:
    """The schema of a list's file without that of its items, which are looked at one by one."""
    item = {
        "type": "object",
        "properties": {"metadata": {}, "spec": {}},
        "additionalProperties": False,
    }
    return _envelope(kind, item)


def inlined(schema: Schema) -> Schema:
    """The same schema without references, so that an error in a union shows what was wanted."""
    definitions = schema.get("$defs", {})

    def resolve(part: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
        if isinstance(part, list):
            return [resolve(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            rest = {key: each for key, each in part.items() if key != "$ref"}
            part = definitions[part["$ref"].rpartition("/")[2]] | rest
        return {key: resolve(each) for key, each in part.items() if key != "$defs"}

    whole: Schema = resolve(schema)
    return whole


def keys_at(kind: str, path: Path) -> frozenset[str]:
    """The keys that the kind declares for a mapping at `path`; none where keys are free."""
    return frozenset(key_order(kind, path))


@cache
def key_order(kind: str, path: Path) -> tuple[str, ...]:
    """The same keys, in the order in which the kind declares them."""
    schemas = [_whole(kind)]
    for step in path:
        schemas = [below for each in schemas for below in _below(each, step)]
    return tuple(dict.fromkeys(k for each in schemas for one in _forms(each) for k in _keys(one)))


@cache
def _whole(kind: str) -> Schema:
    return inlined(committed(kind))


def _forms(schema: Schema) -> list[Schema]:
    """The schema, or each alternative of a union."""
    forms: list[Schema] = schema.get("anyOf", [schema])
    return forms


def _keys(schema: Schema) -> Iterable[str]:
    keys: Iterable[str] = schema.get("properties", ())
    return keys


def _below(schema: Schema, step: str | int) -> Iterator[Schema]:
    for form in _forms(schema):
        if isinstance(step, int):
            found = form.get("items")
        else:
            free = next(iter(form.get("patternProperties", {}).values()), None)
            found = form.get("properties", {}).get(step, free or form.get("additionalProperties"))
        if isinstance(found, dict):
            yield found


def _list_schema(kind: str) -> Schema:
    item = dict(schema_of(LISTS[kind]))
    definitions = item.pop("$defs", {})
    parts = {key: item["properties"][key] for key in ("metadata", "spec")}
    closed = {
        "type": "object",
        "properties": parts,
        "required": sorted(parts),
        "additionalProperties": False,
    }
    words = f"Several documents of kind {LISTS[kind]} in one file, each sealed by itself."
    return {
        "$schema": DIALECT,
        "title": kind,
        "description": words,
        "$defs": definitions,
        **_envelope(kind, closed),
    }


def _envelope(kind: str, item: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {
            "apiVersion": {"const": API_VERSION, "description": _HEAD["apiVersion"]},
            "kind": {"const": kind, "description": _HEAD["kind"]},
            "items": {
                "description": "The documents, each with its own metadata and spec.",
                "type": "array",
                "minItems": 1,
                "items": item,
            },
        },
        "required": ["apiVersion", "kind", "items"],
        "additionalProperties": False,
    }


def _closed(schema: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    """A mapping with a pattern for its keys takes no other keys, as the class has it."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closing = {"additionalProperties": False} if "patternProperties" in schema else {}
    return {**closing, **{key: _closed(value) for key, value in schema.items()}}
