"""A trader's status as a file: what is held, what is under way, what is tripped, and the facts.

In: the text of `trader status --format json`. Out: `Standing`, or MandateError: M702 for a file
that is no status, M703 for one of a trader that is older or has not run a cycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import orjson

from engine.errors import Diagnostic, MandateError
from engine.ledger import bodies
from engine.model.orders import Intent
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from engine.expr.nodes import Value
    from engine.ledger.bodies import Body, Json
    from engine.model.orders import ExitPlan
    from engine.model.times import UtcTime

VERSION = 1


@dataclass(frozen=True, slots=True)
class Held:
    """A position with its last bid, None where nobody knows one."""

    symbol: Symbol
    quantity: Decimal
    entry_price: Decimal
    peak_price: Decimal
    bid: Decimal | None
    opened: UtcTime
    strategy: str
    plan: ExitPlan


@dataclass(frozen=True, slots=True)
class Working:
    """An order under way, and what is left of it at its worst price."""

    symbol: Symbol
    intent: Intent
    left: Decimal
    worst_price: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a trader stood at its last cycle."""

    policy_set: str | None
    mode: str
    time: UtcTime
    held: tuple[Held, ...]
    working: tuple[Working, ...]
    latched: frozenset[tuple[str, str]]
    account: Mapping[str, Value]
    products: Mapping[str, Mapping[str, Value]]


def standing_of(data: bytes, name: str) -> Standing:
    """Read a status; `name` is what messages call the file."""
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise _no_status(name) from None
    if not isinstance(body, dict) or body.get("version") != VERSION:
        raise _no_status(name)
    if not isinstance(body.get("facts"), dict) or body.get("time") is None:
        message = f"`{name}` holds no facts: its trader is older, or has not run a cycle"
        mend = "take it anew: `trader status --format json > FILE`"
        raise MandateError([Diagnostic("M703", message, None, mend)])
    try:
        return _standing(cast("Body", body))
    except (KeyError, TypeError, ValueError):
        raise _no_status(name) from None


def _standing(body: Body) -> Standing:
    facts = bodies.mapping(body, "facts")
    return Standing(
        policy_set=bodies.optional_text(body, "policy_set"),
        mode=bodies.text(body, "mode"),
        time=bodies.moment(body, "time"),
        held=tuple(_held(each) for each in _parts(body, "positions")),
        working=tuple(_working(each) for each in _parts(body, "working")),
        latched=frozenset(
            (bodies.text(each, "breaker"), bodies.text(each, "key"))
            for each in _parts(body, "tripped")
        ),
        account=_facts(bodies.mapping(facts, "account")),
        products={
            product: _facts(cast("Body", own))
            for product, own in bodies.mapping(facts, "products").items()
        },
    )


def _parts(body: Body, name: str) -> Iterator[Body]:
    parts = body[name]
    for each in parts if isinstance(parts, list) else ():
        yield cast("Body", each)


def _facts(body: Mapping[str, Json]) -> dict[str, Value]:
    """JSON has one kind of number, and so have facts."""
    found: dict[str, Value] = {}
    for name, value in body.items():
        if isinstance(value, bool | str):
            found[name] = value
        elif isinstance(value, int | float):
            found[name] = float(value)
    return found


def _held(body: Body) -> Held:
    return Held(
        symbol=Symbol.parse(bodies.text(body, "symbol")),
        quantity=bodies.number(body, "quantity"),
        entry_price=bodies.number(body, "entry_price"),
        peak_price=bodies.number(body, "peak_price"),
        bid=bodies.optional_number(body, "bid"),
        opened=bodies.moment(body, "opened"),
        strategy=bodies.text(body, "strategy"),
        plan=bodies.plan_of(bodies.mapping(body, "plan")),
    )


def _working(body: Body) -> Working:
    return Working(
        symbol=Symbol.parse(bodies.text(body, "symbol")),
        intent=Intent(bodies.text(body, "intent")),
        left=bodies.number(body, "quantity") - bodies.number(body, "filled_quantity"),
        worst_price=bodies.number(body, "worst_price"),
    )


def _no_status(name: str) -> MandateError:
    message = f"`{name}` is not the status of a trader"
    mend = f"take one, of version {VERSION}: `trader status --format json > FILE`"
    return MandateError([Diagnostic("M702", message, None, mend)])
