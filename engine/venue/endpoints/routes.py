"""The table of everything that the venue answers: method, path, the right it takes, the answer.

In: a method and a path. Out: the entry and the names in its path. The public half of the
interface asks for no key; a key that comes all the same is looked at, as on the other half.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.venue.endpoints import account, changing, control, market, older, trading
from engine.venue.endpoints.call import Call
from engine.venue.passage import Reply
from engine.venue.rights import Right

if TYPE_CHECKING:
    from engine.venue.venue import Venue

BASE = "/api/v3/brokerage"


Answer = Callable[["Venue", Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Route:
    """One row; `right` is None where no key is needed."""

    method: str
    pattern: re.Pattern[str]
    right: Right | None
    answer: Answer


def _route(method: str, path: str, right: Right | None, answer: Answer) -> Route:
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    return Route(method, re.compile(pattern), right, answer)


ROUTES: tuple[Route, ...] = (
    _route("GET", f"{BASE}/time", None, market.server_time),
    _route("GET", f"{BASE}/market/products", None, market.list_products),
    _route("GET", f"{BASE}/market/products/{{product_id}}", None, market.get_product),
    _route("GET", f"{BASE}/market/product_book", None, market.product_book),
    _route("GET", f"{BASE}/market/products/{{product_id}}/candles", None, market.candles),
    _route("GET", f"{BASE}/market/products/{{product_id}}/ticker", None, market.ticker),
    _route("GET", f"{BASE}/products", Right.VIEW, market.list_products),
    _route("GET", f"{BASE}/products/{{product_id}}", Right.VIEW, market.get_product),
    _route("GET", f"{BASE}/product_book", Right.VIEW, market.product_book),
    _route("GET", f"{BASE}/best_bid_ask", Right.VIEW, market.best_bid_ask),
    _route("GET", f"{BASE}/products/{{product_id}}/candles", Right.VIEW, market.candles),
    _route("GET", f"{BASE}/products/{{product_id}}/ticker", Right.VIEW, market.ticker),
    _route("GET", f"{BASE}/accounts", Right.VIEW, account.list_accounts),
    _route("GET", f"{BASE}/accounts/{{uuid}}", Right.VIEW, account.get_account),
    _route("GET", f"{BASE}/transaction_summary", Right.VIEW, account.transaction_summary),
    _route("GET", f"{BASE}/key_permissions", Right.VIEW, account.key_permissions),
    _route("GET", f"{BASE}/orders/historical/batch", Right.VIEW, trading.list_orders),
    _route("GET", f"{BASE}/orders/historical/fills", Right.VIEW, trading.list_fills),
    _route("GET", f"{BASE}/orders/historical/{{order_id}}", Right.VIEW, trading.get_order),
    _route("POST", f"{BASE}/orders", Right.TRADE, trading.create_order),
    _route("POST", f"{BASE}/orders/preview", Right.VIEW, changing.preview_order),
    _route("POST", f"{BASE}/orders/edit", Right.TRADE, changing.edit_order),
    _route("POST", f"{BASE}/orders/edit_preview", Right.VIEW, changing.edit_preview),
    _route("POST", f"{BASE}/orders/batch_cancel", Right.TRADE, trading.cancel_orders),
    _route("GET", "/v2/time", None, older.server_time),
    _route("GET", "/v2/currencies", None, older.currencies),
    _route("GET", "/v2/currencies/crypto", None, older.cryptos),
    _route("GET", "/v2/exchange-rates", None, older.exchange_rates),
    _route("GET", "/v2/accounts", Right.VIEW, older.list_accounts),
    _route("GET", "/v2/accounts/{account}", Right.VIEW, older.get_account),
    _route("GET", "/v2/accounts/{account}/transactions", Right.VIEW, older.transactions),
    _route("GET", f"{BASE}/portfolios", Right.VIEW, account.list_portfolios),
    _route("POST", "/venue/{word}", Right.TRANSFER, control.do_deed),
)


def routed(method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
    """The first row that fits, and the names in its path."""
    for route in ROUTES:
        if route.method == method and (found := route.pattern.fullmatch(path)):
            return route, found.groupdict()
    return None
