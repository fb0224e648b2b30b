"""What the venue answers looks like what the real one was recorded to answer."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.model.market import Bar, Trade
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import AtTheDoor

BTC = Symbol("BTC", "USD")
RECORDED = "raw/coinbase_advanced_rest_2026-04"
PATHS = (
    ("http_product.json", "/market/products/BTC-USD", ()),
    ("http_products.json", "/market/products", ()),
    ("http_product_book.json", "/market/product_book", (("product_id", "BTC-USD"),)),
    ("http_ticker.json", "/market/products/BTC-USD/ticker", ()),
    (
        "http_candles.json",
        "/market/products/BTC-USD/candles",
        (("granularity", "ONE_HOUR"), ("start", "1712188800"), ("end", "1712192400")),
    ),
)


def shape(value: object) -> object:
    """The keys and the kinds of values, numbers in texts told from words."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def different(recorded: object, served: object, path: str = "") -> list[str]:
    """Where the shape of what is served differs from what was recorded."""
    if isinstance(recorded, dict) and isinstance(served, dict):
        found = [f"{path}.{key}: missing" for key in recorded.keys() - served.keys()]
        both = recorded.keys() & served.keys()
        return found + [
            each for key in both for each in different(recorded[key], served[key], f"{path}.{key}")
        ]
    if isinstance(recorded, list) and isinstance(served, list):
        if not (recorded and served):
            return []
        return different(recorded[0], served[0], f"{path}[]")
    return [] if recorded == served else [f"{path}: {served}, recorded {recorded}"]


@pytest.mark.parametrize(("file", "path", "query"), PATHS, ids=[each[0] for each in PATHS])
def test_bodies_have_the_recorded_shape(
    at_the_door: AtTheDoor,
    recordings: Path,
    file: str,
    path: str,
    query: tuple[tuple[str, str], ...],
) -> None:
    """Every key of a recorded body is there, with a value of the same kind."""
    venue = at_the_door.venue
    venue.show(Trade(BTC, venue.clock.now(), Decimal(68000), Decimal(1), taker_sold=True))
    numbers = (Decimal(each) for each in ("66312.4", "66331.99", "66055.14", "66181.6", "355.8"))
    venue.show(Bar(BTC, UtcTime(1712192400 * 10**9), 3600, *numbers))
    recorded = json.loads((recordings / RECORDED / file).read_bytes())
    status, told = at_the_door.ask("GET", path, query, label=None)
    assert status == 200
    assert different(shape(recorded), shape(told)) == []


def test_a_candle_is_told_as_recorded(at_the_door: AtTheDoor, recordings: Path) -> None:
    """A bar that is shown is a candle of the same numbers, in the same text."""
    recorded = json.loads((recordings / RECORDED / "http_candles.json").read_bytes())["candles"][0]
    words = (recorded[key] for key in ("open", "high", "low", "close", "volume"))
    begin = UtcTime(int(recorded["start"]) * 10**9)
    at_the_door.venue.show(Bar(BTC, begin, 3600, *(Decimal(each) for each in words)))
    query = (("granularity", "ONE_HOUR"), ("start", recorded["start"]), ("end", recorded["start"]))
    _, told = at_the_door.ask("GET", "/products/BTC-USD/candles", query)
    assert told["candles"] == [recorded]
