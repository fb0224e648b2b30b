"""Reading record bodies: typed access to what a record's JSON holds.

In: a body as decoded JSON. Out: values of the trade. Refuses a body that lacks what its kind
must have (KeyError, TypeError, ValueError: a program error, since only the engine writes).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from engine.ledger.records import decode_body, encode_body
from engine.model.approvals import Approval, Signer
from engine.model.numbers import canonical_number, decimal_of
from engine.model.orders import ExitPlan, Mode
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.ledger.records import Body as Written
    from engine.ledger.records import Record

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Body = dict[str, Json]


def of_record(record: Record) -> Body:
    """A record's body, decoded."""
    return cast("Body", decode_body(record.body))


def text(body: Mapping[str, Json], name: str) -> str:
    """A text that must be there."""
    value = body[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def optional_text(body: Mapping[str, Json], name: str) -> str | None:
    """A text, or None where it is absent or null."""
    return None if body.get(name) is None else text(body, name)


def whole(body: Mapping[str, Json], name: str) -> int:
    """A whole number that must be there."""
    value = body[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(name)
    return value


def flag(body: Mapping[str, Json], name: str) -> bool:
    """A flag that must be there."""
    value = body[name]
    if not isinstance(value, bool):
        raise TypeError(name)
    return value


def number(body: Mapping[str, Json], name: str) -> Decimal:
    """A decimal, written as text."""
    return decimal_of(text(body, name))


def optional_number(body: Mapping[str, Json], name: str) -> Decimal | None:
    """A decimal, or None where it is absent or null."""
    return None if body.get(name) is None else number(body, name)


def moment(body: Mapping[str, Json], name: str) -> UtcTime:
    """An instant, written as text."""
    return UtcTime.parse(text(body, name))


def optional_moment(body: Mapping[str, Json], name: str) -> UtcTime | None:
    """An instant, or None where it is absent or null."""
    return None if body.get(name) is None else moment(body, name)


def texts(body: Mapping[str, Json], name: str) -> list[str]:
    """A list of texts that must be there."""
    value = body[name]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError(name)
    return [str(each) for each in value]


def mapping(body: Mapping[str, Json], name: str) -> dict[str, Json]:
    """A mapping; empty where it is absent."""
    value = body.get(name, {})
    if not isinstance(value, dict):
        raise TypeError(name)
    return value


def written(value: Decimal | None) -> str | None:
    """A decimal as a body holds it."""
    return None if value is None else canonical_number(value)


def approval_body(approval: Approval | None) -> Body:
    """An approval as the record of an activation holds it; nothing where none was asked for."""
    if approval is None:
        return {}
    return {
        "commit": approval.commit,
        "signers": [str(each) for each in approval.signers],
        "sequence": approval.sequence,
        "purpose": approval.purpose.value,
        "expires": None if approval.expires is None else str(approval.expires),
    }


def approval_of(body: Mapping[str, Json]) -> Approval | None:
    """The approval that `approval_body` wrote; None for a set that nobody had to sign."""
    if body.get("sequence") is None:
        return None
    return Approval(
        sequence=whole(body, "sequence"),
        signers=tuple(Signer(*each.rsplit(" ", 1)) for each in texts(body, "signers")),
        purpose=Mode(text(body, "purpose")),
        commit=optional_text(body, "commit"),
        expires=optional_moment(body, "expires"),
    )


def plan_body(plan: ExitPlan) -> Body:
    """An exit plan as a body holds it; unset parts are left out."""
    parts: Body = {
        "stop_pct": written(plan.stop_pct),
        "target_pct": written(plan.target_pct),
        "trailing_pct": written(plan.trailing_pct),
        "max_hold_s": plan.max_hold_s,
        "when": plan.when,
        "blind_exit_after_s": plan.blind_exit_after_s,
    }
    return {name: value for name, value in parts.items() if value is not None}


def plan_of(body: Mapping[str, Json]) -> ExitPlan:
    """The exit plan that `plan_body` wrote."""
    return _plan_read(encode_body(body))


@lru_cache(maxsize=1024)  # a strategy has one plan, and all that it wants bears it
def _plan_read(written: Written) -> ExitPlan:
    body = cast("Body", decode_body(written))
    return ExitPlan(
        stop_pct=number(body, "stop_pct"),
        blind_exit_after_s=whole(body, "blind_exit_after_s"),
        target_pct=optional_number(body, "target_pct"),
        trailing_pct=optional_number(body, "trailing_pct"),
        max_hold_s=whole(body, "max_hold_s") if "max_hold_s" in body else None,
        when=optional_text(body, "when"),
    )
