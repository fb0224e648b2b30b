"""Products mean what the venue's flags say, the strictest of them first."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.coinbase import wire
from engine.adapters.coinbase.orders import level_of
from engine.adapters.coinbase.products import SPOT, product_of
from engine.model.market import ProductStatus
from engine.model.symbols import Symbol

RECORDED = Path(__file__).resolve().parents[4] / "shared/data/raw/coinbase_advanced_rest_2026-04"
recorded = pytest.mark.skipif(not RECORDED.exists(), reason="no recorded bodies beside the project")
LISTED: dict[str, wire.Wire] = {
    "product_id": "BTC-USD",
    "base_increment": "0.00000001",
    "price_increment": "0.01",
    "base_min_size": "0.00000001",
    "quote_min_size": "1",
    "status": "online",
}


def body(name: str) -> dict[str, wire.Wire]:
    """One recorded answer."""
    return wire.decode((RECORDED / name).read_bytes())


@recorded
def test_a_recorded_product_reads() -> None:
    """The body of `/products/BTC-USD` of April 2026."""
    product = product_of(body("http_product.json"))
    assert product.symbol == Symbol("BTC", "USD")
    assert product.base_increment == Decimal("0.00000001")
    assert (product.quote_min_size, product.status) == (Decimal(1), ProductStatus.ONLINE)


@recorded
@pytest.mark.parametrize("name", ["http_products.json", "http_products_future.json"])
def test_recorded_lists_read(name: str) -> None:
    """Every spot product of the recorded lists; futures are told by their type and left alone."""
    listed = wire.objects(body(name), "products")
    assert listed
    for fields in listed:
        if wire.text(fields, "product_type") == SPOT:
            assert product_of(fields).price_increment > 0


@recorded
def test_a_recorded_book_reads() -> None:
    """Levels are exact, best first, and do not cross."""
    book = wire.part(body("http_product_book.json"), "pricebook")
    bids, asks = (
        [level_of(each) for each in wire.objects(book, side)] for side in ("bids", "asks")
    )
    assert bids[0].price < asks[0].price
    assert bids == sorted(bids, key=lambda level: -level.price)


FLAGS = {
    "online": ({}, ProductStatus.ONLINE),
    "limit only": ({"limit_only": True}, ProductStatus.LIMIT_ONLY),
    "post only": ({"post_only": True, "limit_only": True}, ProductStatus.POST_ONLY),
    "in an auction": ({"auction_mode": True}, ProductStatus.POST_ONLY),
    "cancel only": ({"cancel_only": True, "post_only": True}, ProductStatus.CANCEL_ONLY),
    "disabled": ({"is_disabled": True, "post_only": True}, ProductStatus.HALTED),
    "trading disabled": ({"trading_disabled": True}, ProductStatus.HALTED),
    "to be looked at only": ({"view_only": True}, ProductStatus.HALTED),
    "delisted": ({"status": "delisted"}, ProductStatus.HALTED),
    "without a status": ({"status": ""}, ProductStatus.HALTED),
}


@pytest.mark.parametrize(("flags", "status"), FLAGS.values(), ids=FLAGS)
def test_the_strictest_flag_counts(flags: dict[str, wire.Wire], status: ProductStatus) -> None:
    """Whatever forbids more decides, and a status that we do not know forbids all."""
    assert product_of({**LISTED, **flags}).status is status


@pytest.mark.parametrize("key", ["base_increment", "price_increment"])
@pytest.mark.parametrize("value", ["", "0", "-0.01", None])
def test_a_product_without_a_grid_is_not_one(key: str, value: wire.Wire) -> None:
    """Sizes and prices on no grid would be refused one by one."""
    with pytest.raises(wire.WireError):
        product_of({**LISTED, key: value})


@pytest.mark.parametrize(
    ("stated", "most"), [("1500", Decimal(1500)), ("", None), ("0", None), (None, None)]
)
def test_a_largest_size_is_one_that_is_stated(stated: str | None, most: Decimal | None) -> None:
    """Nothing, or a size of nothing, limits nothing; an order never carries more than is stated."""
    sizes = {} if stated is None else {"base_max_size": stated, "quote_max_size": stated}
    product = product_of({**LISTED, **sizes})
    assert (product.base_max_size, product.quote_max_size) == (most, most)
    carried = product.in_one_order(Decimal(10_000), Decimal(2))
    assert carried == (Decimal(10_000) if most is None else Decimal(750))
