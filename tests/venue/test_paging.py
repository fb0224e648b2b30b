"""Long lists come in pages that lose nothing, repeat nothing, and end."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.market import Quote
from engine.model.symbols import Symbol
from engine.venue.endpoints.paging import page_of
from engine.venue.passage import Asked

if TYPE_CHECKING:
    from conftest import AtTheDoor

BTC = Symbol("BTC", "USD")


def pages(found: list[str], limit: int) -> list[list[str]]:
    """Every page of a list, by following its cursors."""
    read, cursor = [], ""
    while True:
        query = (("limit", str(limit)), ("cursor", cursor))
        page = page_of(found, Asked("GET", "/", query), str, most=7)
        assert page is not None
        read.append(list(page.entries))
        cursor = page.cursor
        if not cursor:
            return read


@given(count=st.integers(0, 40), limit=st.integers(0, 12))
def test_pages_are_the_list(count: int, limit: int) -> None:
    """Together they are the list in its order; none is longer than asked or allowed."""
    found = [f"e{at}" for at in range(count)]
    read = pages(found, limit)
    assert [each for page in read for each in page] == found
    most = min(limit, 7) or 7
    assert all(len(page) <= most for page in read)
    assert all(page for page in read[1:])


def test_a_page_stays_while_newer_entries_come(at_the_door: AtTheDoor) -> None:
    """Orders that are placed between two pages neither hide nor repeat an older one."""
    first = [at_the_door.order(number) for number in range(5)]
    query = (("limit", "2"),)
    _, told = at_the_door.ask("GET", "/orders/historical/batch", query)
    at_the_door.order(9)
    cursor = str(told["cursor"])
    _, then = at_the_door.ask("GET", "/orders/historical/batch", (*query, ("cursor", cursor)))
    ids = [each["order_id"] for page in (told, then) for each in page["orders"]]  # type: ignore[attr-defined]  # lists
    assert ids == first[::-1][:4]
    assert (told["has_next"], then["has_next"]) == (True, True)


def test_fills_have_a_cursor_alone(at_the_door: AtTheDoor) -> None:
    """The list of fills does not say whether more follows: an empty cursor is its end."""
    for number in range(3):
        at_the_door.clock.passes(1)
        at_the_door.order(number, price="68001")
    _, told = at_the_door.ask("GET", "/orders/historical/fills", (("limit", "2"),))
    assert ("has_next" in told, bool(told["cursor"])) == (False, True)
    query = (("limit", "2"), ("cursor", str(told["cursor"])))
    _, then = at_the_door.ask("GET", "/orders/historical/fills", query)
    assert then["cursor"] == ""
    fills = [*told["fills"], *then["fills"]]  # type: ignore[misc]  # lists
    assert [each["trade_time"] for each in fills] == sorted(
        (each["trade_time"] for each in fills), reverse=True
    )
    since = (("start_sequence_timestamp", fills[1]["trade_time"]),)
    _, late = at_the_door.ask("GET", "/orders/historical/fills", since)
    assert late["fills"] == fills[:2]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ((), [4, 3, 2, 1]),
        ((("order_status", "OPEN"),), [4, 1]),
        ((("order_status", "OPEN"), ("order_status", "FILLED")), [4, 3, 1]),
        ((("order_status", "OPEN,CANCELLED"),), [4, 2, 1]),
        ((("order_side", "SELL"),), [4]),
        ((("product_ids", "ETH-USD"), ("product_ids", "BTC-USD")), [4, 3, 2, 1]),
        ((("product_id", "ETH-USD"),), []),
        ((("order_types", "MARKET"),), []),
        ((("start_date", "2025-11-22T10:00:02Z"),), [4, 3, 2]),
        ((("start_date", "2025-11-22T10:00:02.000000+00:00"),), [4, 3, 2]),
        ((("end_date", "2025-11-22T10:00:03Z"),), [2, 1]),
        ((("retail_portfolio_id", "x"), ("asset_filters", "BTC")), [4, 3, 2, 1]),
    ],
)
def test_orders_are_chosen_by_what_is_asked(
    at_the_door: AtTheDoor, query: tuple[tuple[str, str], ...], numbers: list[int]
) -> None:
    """Each filter keeps what it names; repeated keys and lists mean any of them."""
    ids = [at_the_door.order(1)]
    for number, price, side in ((2, "50000", "BUY"), (3, "68001", "BUY"), (4, "69000", "SELL")):
        at_the_door.clock.passes(1)
        ids.append(at_the_door.order(number, price=price, side=side))
    at_the_door.ask("POST", "/orders/batch_cancel", body={"order_ids": [ids[1]]})
    _, told = at_the_door.ask("GET", "/orders/historical/batch", query)
    found = [ids.index(each["order_id"]) + 1 for each in told["orders"]]  # type: ignore[attr-defined]  # a list
    assert found == numbers


def test_movements_are_told_newest_first_in_pages(at_the_door: AtTheDoor) -> None:
    """Transfers and executions of one account, page by page; their sum is what it holds."""
    venue, clock = at_the_door.venue, at_the_door.clock
    for units in ("100", "-30.5", "7"):
        clock.passes(1)
        venue.transfer("USD", Decimal(units))
    at_the_door.order(1, price="68001")
    clock.passes(1)
    venue.show(Quote(BTC, clock.now(), Decimal(70000), Decimal(70001), Decimal(1), Decimal(1)))
    at_the_door.order(2, price="70000", side="SELL")
    query: tuple[tuple[str, str], ...] = (("limit", "2"), ("order", "desc"))
    moves: list[dict[str, dict[str, str]]] = []
    after = ""
    while True:
        asked = (*query, ("starting_after", after)) if after else query
        _, told = at_the_door.ask("GET", "/v2/accounts/USD/transactions", asked)
        moves += told["data"]  # type: ignore[arg-type]  # a list
        if not told["pagination"]["next_uri"]:  # type: ignore[index]  # an object
            break
        after = str(moves[-1]["id"])
    kinds = ["advanced_trade_fill"] * 2 + ["fiat_deposit", "fiat_withdrawal", "fiat_deposit"]
    assert [each["type"] for each in moves] == kinds
    (usd,) = (each for each in venue.fate.balances() if each.currency == "USD")
    moved = sum((Decimal(each["amount"]["amount"]) for each in moves), Decimal(100_000))
    assert moved == usd.units
    _, coins = at_the_door.ask("GET", "/v2/accounts/BTC/transactions")
    assert [each["amount"]["amount"] for each in coins["data"]] == ["-0.01", "0.01"]  # type: ignore[attr-defined]  # a list


def test_products_come_in_parts(at_the_door: AtTheDoor) -> None:
    """A limit and an offset cut the list of products; another kind of product there is not."""
    query = (("limit", "1"), ("offset", "1"), ("get_all_products", "False"))
    _, told = at_the_door.ask("GET", "/products", query)
    assert [each["product_id"] for each in told["products"]] == ["BTC-USDC"]  # type: ignore[attr-defined]  # a list
    assert told["num_products"] == 3
    _, futures = at_the_door.ask("GET", "/products", (("product_type", "FUTURE"),))
    assert futures["products"] == []


def test_a_listing_that_changes_is_told(at_the_door: AtTheDoor) -> None:
    """A changed grid or status is in the next answer."""
    listing = at_the_door.venue.listing("BTC-USD")
    assert listing is not None
    product = replace(listing.product, price_increment=Decimal("0.5"))
    at_the_door.venue.list_product(replace(listing, product=product))
    _, told = at_the_door.ask("GET", "/products/BTC-USD")
    assert told["price_increment"] == "0.5"
