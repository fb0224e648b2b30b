"""What all policy kinds share: the field types, the closed model, and the built document.

In: plain data that JSON Schema has already shaped. Out: frozen pydantic documents, and
`Document`, which adds where each part stands. Refuses unknown keys and anything that a
field's meaning forbids; pydantic is lax here because shape came first.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from engine.errors import Snippet
from engine.expr.grammar import parse
from engine.expr.printing import print_tree
from engine.model.numbers import decimal_of
from engine.model.times import UtcTime, duration_s, duration_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.errors import Place

NAME_PATTERN = r"^[a-z][a-z0-9_]*$"

Path = tuple[str | int, ...]
Plain = dict[str, "Plain"] | list["Plain"] | str | Decimal | bool | None
"""A document as plain data: what YAML says, with exact numbers."""


@dataclass(frozen=True, slots=True)
class ExpressionField:
    """Marks a text field as an expression; `expects` is `flag` or `number`."""

    expects: str


def canonical_text(text: str) -> str:
    """The one spelling of an expression, which is what the seal covers; as written if it errs."""
    tree = parse(Snippet.of(text)).tree
    return text if tree is None else print_tree(tree)


def _as_decimal(value: object) -> object:
    return decimal_of(str(value)) if isinstance(value, int | float | str) else value


def _as_duration(value: object) -> object:
    return duration_s(value) if isinstance(value, str) else value


def _as_instant(value: object) -> object:
    return UtcTime.parse(value) if isinstance(value, str) else value


Number = Annotated[Decimal, BeforeValidator(_as_decimal), WithJsonSchema({"type": "number"})]
"""Any finite decimal number, exact as written."""

Positive = Annotated[
    Decimal,
    BeforeValidator(_as_decimal),
    Field(gt=0),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0}),
]
"""A decimal number above zero."""

NotNegative = Annotated[
    Decimal,
    BeforeValidator(_as_decimal),
    Field(ge=0),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
"""A decimal number of zero or more."""

Percent = Annotated[
    Decimal,
    BeforeValidator(_as_decimal),
    Field(ge=0, le=100),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100}),
]
"""A share of 100, from 0 to 100."""

Duration = Annotated[
    int,
    BeforeValidator(_as_duration),
    PlainSerializer(duration_text),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[1-9][0-9]{0,5}[smhd]$", "examples": ["90s", "15m", "48h"]}
    ),
]
"""Whole seconds, written as `90s`, `15m`, `48h` or `7d`."""

Instant = Annotated[
    UtcTime,
    BeforeValidator(_as_instant),
    PlainSerializer(str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
            "examples": ["2025-11-22T10:00:00Z"],
        }
    ),
]
"""A UTC instant, written quoted as `"2025-11-22T10:00:00Z"`."""

TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of day, written quoted as `"22:00"`."""


def _known_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        message = f"`{zone}` is not an IANA zone"
        raise ValueError(message) from error
    return zone


Zone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]
"""An IANA zone, such as Europe/Berlin."""

Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=64)]
"""A lower-case name: letters, digits and underscores, beginning with a letter."""

Sentence = Annotated[str, Field(min_length=1, max_length=2000)]
"""Words for people."""

Currency = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,20}$")]
"""A currency or asset code, such as USD or BTC."""

ProductName = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,20}-[A-Z0-9]{2,20}$")]
"""A product as BASE-QUOTE, such as BTC-USD."""

FlagExpression = Annotated[
    str,
    Field(min_length=1, max_length=512),
    PlainSerializer(canonical_text),
    ExpressionField("flag"),
]
"""An expression that answers true, false or undecided."""

NumberExpression = Annotated[
    str,
    Field(min_length=1, max_length=512),
    PlainSerializer(canonical_text),
    ExpressionField("number"),
]
"""An expression that answers a number."""


Intents = tuple[Literal["entry", "add", "exit", "trim", "purge"], ...]
"""The intents that something binds."""

Modes = tuple[Literal["dry_run", "paper", "live"], ...]
"""The modes in which something counts."""

Stages = Literal["enforce", "warn", "shadow"]
"""How much something counts: only `enforce` denies and resizes; the others are recorded."""


FactExpression = Annotated[
    str,
    Field(min_length=1, max_length=128),
    PlainSerializer(canonical_text),
]
"""One fact, or one call of a series function."""


class Closed(BaseModel):
    """A frozen mapping with no keys but its own."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        # A part is built once, within its document, and not a second time by itself.
        defer_build=True,
    )


class Metadata(Closed):
    """Who the document is: its name, what it is for, which control it carries, whose it is."""

    name: Name = Field(description="Unique in the whole policy set.")
    description: Sentence = Field(description="One or two sentences for a reviewer.")
    control: str | None = Field(
        default=None,
        pattern=r"^C(0[1-9]|[12][0-9]|30)$",
        description="The control of the field's list that this document carries, C01 to C30.",
    )
    owner: Name | None = Field(default=None, description="Who answers for it.")


def _table(value: object) -> object:
    if isinstance(value, dict) and not isinstance(value, Table):
        head = "by" if "by" in value else "per"
        if (head not in value) or ("by" in value and "per" in value):
            message = "a table names exactly one of `by: FACT`, `per: group` or `per: asset`"
            raise ValueError(message)
        cases = {key: case for key, case in value.items() if key != head}
        return Table(head=head, over=str(value[head]), cases=cases)
    return value


class Table(Closed):
    """A parameter with a value for each case of an enum (`by`), or group or asset (`per`)."""

    head: str
    over: str
    cases: dict[str, Number] = Field(min_length=1)

    def plain(self) -> dict[str, str | Decimal]:
        """The mapping as a document writes it."""
        return {self.head: self.over, **self.cases}


def _plain_param(value: Decimal | Table) -> Decimal | dict[str, str | Decimal]:
    return value.plain() if isinstance(value, Table) else value


_TABLE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "title": "one value"},
        {
            "type": "object",
            "title": "a table",
            "description": "`by: regime.name` with a value for each case, or `per: group` "
            "or `per: asset` with a value for each and `others`.",
            "properties": {
                "by": {"type": "string", "description": "The enum fact that picks the value."},
                "per": {
                    "enum": ["group", "asset"],
                    "description": "One value for each asset group, or for each asset.",
                },
            },
            "oneOf": [{"required": ["by"]}, {"required": ["per"]}],
            "minProperties": 2,
            "additionalProperties": {"type": "number"},
        },
    ]
}

Param = Annotated[
    Decimal | Table,
    BeforeValidator(_table),
    BeforeValidator(_as_decimal),
    PlainSerializer(_plain_param),
    WithJsonSchema(_TABLE_SCHEMA),
]
"""A number, or a table of numbers."""

Params = Annotated[
    dict[Name, Param],
    Field(description="The numbers that the expressions name as `params.NAME`."),
]
"""Parameters by name."""


def _unique(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) != len(values):
        message = "a list names each thing once"
        raise ValueError(message)
    return values


UniqueNames = Annotated[tuple[Name, ...], AfterValidator(_unique)]
UniqueProducts = Annotated[tuple[ProductName, ...], AfterValidator(_unique)]
UniqueTexts = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], AfterValidator(_unique)
]


class Places(Protocol):
    """Where each part of a document stands; a path is keys and indices from the document's root."""

    def of(self, path: Path) -> Place:
        """The value's place, or the nearest enclosing part's."""
        ...

    def of_key(self, path: Path) -> Place:
        """The key's place."""
        ...

    def snippet(self, path: Path) -> Snippet:
        """The text at `path`, able to place each of its characters."""
        ...


_C = TypeVar("_C")


def content_of(document: Document, kind: type[_C]) -> _C:
    """The document's typed content; raises TypeError for another kind (a program error)."""
    if not isinstance(document.content, kind):
        raise TypeError(document.kind)
    return document.content


@dataclass(frozen=True, slots=True)
class SourceText:
    """The source that a document names: its file as findings show it, and its canonical text."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """One built document: its typed content, its effective plain data, and its places.

    `source` is the Python that the document names, where it names one and it could be read.
    """

    kind: str
    name: str
    content: Closed
    plain: Mapping[str, Plain]
    places: Places
    source: SourceText | None = None

    @property
    def id(self) -> str:
        """`Kind/name`, as patches, waivers and the seal refer to it."""
        return f"{self.kind}/{self.name}"
