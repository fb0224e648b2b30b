"""All that a verdict depends on besides the policy set, recorded so that it can be re-judged.

In: facts, group facts, the product's grid, and what blocks. Out: a frozen value and its body.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from engine.ledger import bodies
from engine.ledger.records import decode_body, encode_body
from engine.model.market import Product, ProductStatus
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.expr.nodes import Value
    from engine.ledger.bodies import Body, Json
    from engine.ledger.records import Body as Written

_AS_WRITTEN = frozenset({str, float, bool})


@dataclass(frozen=True, slots=True)
class Block:
    """Something other than a rule that refuses: a breaker, a gate, the universe.

    `code` is a `ReasonCode`; `exits_too` says whether it stops orders that reduce risk.
    """

    code: str
    values: tuple[tuple[str, str], ...]
    exits_too: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """What the judge knows of one order. `rate` turns quote currency into the numeraire.

    `facts` holds everything but the order's size; `groups` the facts of each of its groups.
    """

    facts: Mapping[str, Value]
    groups: tuple[Mapping[str, Value], ...]
    product: Product | None
    rate: Decimal | None
    blocks: tuple[Block, ...]


def situation_body(situation: Situation, names: frozenset[str]) -> Body:
    """The situation as a record holds it; only facts in `names` can matter to the set."""
    return {
        "facts": _facts_body(situation.facts, names),
        "groups": [_facts_body(group, names) for group in situation.groups],
        "product": _product_body(situation.product),
        "rate": bodies.written(situation.rate),
        "blocks": [
            {"code": b.code, "values": [list(pair) for pair in b.values], "exits_too": b.exits_too}
            for b in situation.blocks
        ],
    }


def situation_of(body: Mapping[str, Json]) -> Situation:
    """The situation that `situation_body` wrote."""
    groups, blocks = body["groups"], body["blocks"]
    if not isinstance(groups, list) or not isinstance(blocks, list):
        raise TypeError(body)
    product = body.get("product")
    return Situation(
        facts=_facts_of(bodies.mapping(body, "facts")),
        groups=tuple(_facts_of(each) for each in groups if isinstance(each, dict)),
        product=_product_of(product) if isinstance(product, dict) else None,
        rate=bodies.optional_number(body, "rate"),
        blocks=tuple(_block_of(each) for each in blocks if isinstance(each, dict)),
    )


def _facts_body(facts: Mapping[str, Value], names: frozenset[str]) -> Body:
    return {
        name: [*sorted(value)] if isinstance(value, frozenset) else value
        for name, value in facts.items()
        if name in names
    }


def _facts_of(body: dict[str, Json]) -> Mapping[str, Value]:
    # Nearly all of them are what they are in JSON, and a million decisions have fifty each.
    if _AS_WRITTEN.issuperset(map(type, body.values())):
        return cast("Mapping[str, Value]", body)
    return {name: _value_of(value) for name, value in body.items()}


def _value_of(value: Json) -> Value:
    match value:
        case bool() | str() | float():
            return value
        case int():
            return float(value)
        case list():
            return frozenset(str(each) for each in value)
        case _:
            raise TypeError(value)


def _product_body(product: Product | None) -> Json:
    if product is None:
        return None
    return {
        "symbol": str(product.symbol),
        "status": product.status.value,
        "base_increment": bodies.written(product.base_increment),
        "price_increment": bodies.written(product.price_increment),
        "base_min_size": bodies.written(product.base_min_size),
        "quote_min_size": bodies.written(product.quote_min_size),
    }


def _product_of(body: Mapping[str, Json]) -> Product:
    return _product_read(encode_body(body))


@lru_cache(maxsize=1024)  # there are few products, and every decision names one with its grid
def _product_read(written: Written) -> Product:
    body = cast("Body", decode_body(written))
    return Product(
        symbol=Symbol.parse(bodies.text(body, "symbol")),
        base_increment=bodies.number(body, "base_increment"),
        price_increment=bodies.number(body, "price_increment"),
        base_min_size=bodies.number(body, "base_min_size"),
        quote_min_size=bodies.number(body, "quote_min_size"),
        status=ProductStatus(bodies.text(body, "status")),
    )


def _block_of(body: Mapping[str, Json]) -> Block:
    values = body["values"]
    if not isinstance(values, list):
        raise TypeError(values)
    pairs = tuple((str(p[0]), str(p[1])) for p in values if isinstance(p, list))
    return Block(bodies.text(body, "code"), pairs, bodies.flag(body, "exits_too"))
