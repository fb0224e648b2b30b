"""A record of the ledger: what happened, when, and the hash that binds it to all before it.

In: a kind, a time, and a body of plain values. Out: one line of canonical JSON (keys sorted, no
spaces, Decimals as canonical text), which is stored, hashed and re-read as the same bytes.
Refuses NaN and infinity, numbers wider than 64 bits, and every type without one spelling.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from math import isfinite
from typing import NewType

import orjson

from engine.model.numbers import canonical_number
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

Body = NewType("Body", bytes)
"""Canonical JSON bytes of one object; only `encode_body` and a checked line make one."""

NO_PREVIOUS = "0" * 64
"""What the first record names as the hash before it."""

FIRST_SEQUENCE = 1


class RecordKind(Enum):
    """What a record tells."""

    GENESIS = "genesis"
    SET_ACTIVATED = "set_activated"
    CYCLE = "cycle"
    DECISION = "decision"
    INTENT = "intent"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    FILLED = "filled"
    CANCEL = "cancel"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    NOT_SEEN = "not_seen"
    BREAKER_TRIPPED = "breaker_tripped"
    BREAKER_RESET = "breaker_reset"
    ALERT = "alert"
    HALT = "halt"
    RESUME = "resume"
    OPERATOR_COMMAND = "operator_command"
    WAIVER_USED = "waiver_used"
    CASH_FLOW = "cash_flow"
    RECONCILE = "reconcile"
    ORDER_ADOPTED = "order_adopted"
    PLAN_CHANGED = "plan_changed"
    FOREIGN_ORDER = "foreign_order"
    PROBE = "probe"
    RELOAD = "reload"
    NOTICE = "notice"
    ALERT_SEEN = "alert_seen"
    SILENCE = "silence"
    ROUTE_TEST = "route_test"
    ASKED = "asked"
    ANSWERED = "answered"
    TIGHTENING = "tightening"
    MESSAGE = "message"


_KINDS = {kind.value.encode(): kind for kind in RecordKind}
_HASH_DOMAIN = "mandate/ledger-record/v1"
_NEVER_HIDES = frozenset({str, int, bool, type(None), Decimal, UtcTime, Symbol})
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_EXPONENT = re.compile(rb"(?<=[0-9])e\+?(-?)0*(?=[0-9])")
_HEAD, _TAIL_HEAD = b'{"body":{', b'},"hash":"'
_TAIL = re.compile(
    rb'\},"hash":"(?P<hash>[0-9a-f]{64})","kind":"(?P<kind>[a-z_]{1,32})",'
    rb'"previous":"(?P<previous>[0-9a-f]{64})","sequence":(?P<sequence>[1-9][0-9]{0,17}),'
    rb'"time":"(?P<time>[0-9T:.Z-]{20,30})"\}'
)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as stored; `sequence` counts from 1, `hash` and `previous` are 64 hex digits."""

    sequence: int
    time: UtcTime
    kind: RecordKind
    body: Body
    previous: str
    hash: str

    def line(self) -> bytes:
        """The stored bytes: one line of canonical JSON with its line break."""
        return (
            b'{"body":%b,"hash":"%b","kind":"%b","previous":"%b","sequence":%d,"time":"%b"}\n'
            % (
                self.body,
                self.hash.encode(),
                self.kind.value.encode(),
                self.previous.encode(),
                self.sequence,
                _written(self.time).encode(),
            )
        )

    def fields(self) -> dict[str, object]:
        """The body as plain values: Decimals, times and symbols are text."""
        return decode_body(self.body)

    @property
    def genuine(self) -> bool:
        """Whether `hash` is the hash of the rest."""
        return self.hash == _digest(
            self.sequence, self.time, self.kind.value, self.body, self.previous
        )


def seal(sequence: int, time: UtcTime, kind: RecordKind, body: Body, previous: str) -> Record:
    """Make the record with its hash."""
    digest = _digest(sequence, time, kind.value, body, previous)
    return Record(sequence, time, kind, body, previous, digest)


def parse_line(line: bytes) -> Record | None:
    """Read one stored line, without its line break; None when the layout is not a record's.

    Only the layout: whether the hash is right and the body canonical is asked of the record.
    """
    # From the end, since what follows the body has one layout, and the body may be long: nothing
    # that the tail may hold looks like its own beginning.
    end = line.rfind(_TAIL_HEAD)
    match = _TAIL.fullmatch(line, end) if end >= len(_HEAD) - 1 else None
    if match is None or not line.startswith(_HEAD) or b"\n" in line:
        return None
    kind, time = _KINDS.get(match["kind"]), _read_time(match["time"].decode())
    if kind is None or time is None:
        return None
    previous, digest = match["previous"].decode(), match["hash"].decode()
    body = Body(line[len(_HEAD) - 1 : end + 1])
    return Record(int(match["sequence"]), time, kind, body, previous, digest)


def encode_body(fields: Mapping[str, object]) -> Body:
    """The one spelling of a body.

    Takes what JSON has, and Decimal, UtcTime, Symbol, enums, and sets of text.
    Raises ValueError on NaN, infinity, integers beyond 64 bits, and any other type.
    """
    try:
        data = orjson.dumps(fields, _plain, _OPTIONS)
    except TypeError as error:
        message = f"not a record body: {error.__cause__ or error}"
        raise ValueError(message) from error
    # The encoder writes NaN and infinity as null. When each null of the text is an absent value
    # of the outermost object there is none; else every number is looked at, which costs more.
    absent = sum(value is None for value in fields.values())
    if data.count(b"null") != absent and _hides_not_finite(fields.values()):
        message = "not a record body: a number is not finite"
        raise ValueError(message)
    return Body(data)


def decode_body(body: bytes) -> dict[str, object]:
    """Read a body; raises ValueError when the bytes are not one JSON object."""
    fields = orjson.loads(body)
    if not isinstance(fields, dict):
        message = "a record body is a JSON object"
        raise ValueError(message)  # noqa: TRY004 - bad data, not a caller's wrong type
    return fields


def canonical_fields(body: bytes) -> dict[str, object] | None:
    """What a body says, decoded once; None where these bytes are not the one spelling of it."""
    try:
        fields = decode_body(body)
        again = orjson.dumps(fields, None, _OPTIONS)
    except ValueError:
        return None
    if again == body:
        return fields
    # Releases of the encoder have written 1e16 and 1e+16: an old ledger must not look forged.
    same = _EXPONENT.sub(rb"e\1", again) == _EXPONENT.sub(rb"e\1", body)
    return fields if same else None


def is_canonical(body: bytes) -> bool:
    """Whether these bytes are the one spelling of what they say."""
    return canonical_fields(body) is not None


def _digest(sequence: int, time: UtcTime, kind: str, body: bytes, previous: str) -> str:
    # INVARIANT: no part before the body can hold a NUL, so no two records share a preimage.
    head = f"{_HASH_DOMAIN}\0{sequence}\0{_written(time)}\0{kind}\0{previous}\0"
    return hashlib.sha256(head.encode() + body).hexdigest()


# Records of one cycle share its time, so the last few spellings answer nearly every call.
_written = lru_cache(maxsize=64)(UtcTime.__str__)


@lru_cache(maxsize=64)
def _read_time(text: str) -> UtcTime | None:
    try:
        time = UtcTime.parse(text)
    except ValueError:
        return None
    return time if str(time) == text else None


def _plain(value: object) -> object:
    match value:
        case Decimal() if value.is_finite():
            return canonical_number(value)
        case UtcTime() | Symbol():
            return str(value)
        case Mapping():
            return dict(value)
        case AbstractSet() if all(isinstance(each, str) for each in value):
            return sorted(value)
        case _:
            message = f"{value!r} has no spelling in the ledger"
            raise TypeError(message)


def _hides_not_finite(values: Iterable[object]) -> bool:
    # By exact type and the commonest first, since every value of every decision comes by here;
    # for the same reason a list of what is left to look at, and no call for each part.
    # The encoder has refused whatever only derives from float, and what is nested too deeply.
    waiting = [values]
    while waiting:
        for value in waiting.pop():
            kind = type(value)
            if kind is str:
                continue
            if kind is float:
                if not isfinite(value):  # type: ignore[arg-type]  # `kind` is the value's type
                    return True
            elif kind is list:
                waiting.append(value)  # type: ignore[arg-type]  # `kind` is the value's type
            elif kind is dict:
                waiting.append(value.values())  # type: ignore[attr-defined]  # as above
            elif kind not in _NEVER_HIDES:
                waiting.append(_parts(value))
    return False


def _parts(value: object) -> Iterable[object]:
    match value:
        case Mapping():
            return value.values()
        case list() | tuple():
            return value
        case Enum():
            return (value.value,)
        case _:
            return ()
