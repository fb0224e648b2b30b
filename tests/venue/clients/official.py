"""What the official client gets from a venue, unmodified but for where it connects.

Run by the clients' own Python: `official.py HOST CERTIFICATE KEY-FILE KEY-FILE`. Out: one JSON
object of what it saw.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from coinbase.rest import RESTClient
from requests.exceptions import HTTPError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 200
END = "2099-01-01T00:00:00Z"


def connected(host: str, certificate: str, key_file: str | None) -> RESTClient:
    """The client, pointed at the venue; it has no time-out of its own."""
    client = RESTClient(key_file=key_file, base_url=host, timeout=20)
    client.session.trust_env = False
    client.session.verify = certificate
    return client


def refused(ask: Callable[[], object]) -> int:
    """The status with which a request fails."""
    try:
        ask()
    except HTTPError as error:
        return error.response.status_code
    return 200


def all_pages(read: Callable[..., object], key: str) -> list[list[str]]:
    """The ids on each page of a list, two a page."""
    pages, cursor = [], ""
    while True:
        told = read(limit=2, cursor=cursor).to_dict()
        pages.append([each.get("order_id") or each.get("uuid") for each in told[key]])
        cursor = told.get("cursor", "")
        if not cursor:
            return pages


def market(client: RESTClient) -> dict[str, object]:
    """Market data, with a key and without."""
    public = connected(client.base_url, client.session.verify, None)
    now_s = int(time.time())
    span = str(now_s - 600), str(now_s)
    return {
        "products": [each.product_id for each in client.get_products().products],
        "some": [
            each.product_id
            for each in client.get_products(product_ids=["BTC-USD", "ETH-USD"]).products
        ],
        "product": client.get_product("BTC-USD").to_dict(),
        "alias_book": client.get_product_book("BTC-USDC").pricebook.product_id,
        "book": client.get_product_book("BTC-USD", limit=1).to_dict(),
        "best": [
            [each.product_id, each.bids[0].price, each.asks[0].price]
            for each in client.get_best_bid_ask(["BTC-USD", "ETH-USD"]).pricebooks
        ],
        "candles": len(client.get_candles("BTC-USD", *span, "ONE_MINUTE").candles),
        "trades": client.get_market_trades("BTC-USD", 3).to_dict(),
        "public": [
            public.get_public_product("BTC-USD").to_dict()["product_id"],
            public.get_public_product_book("BTC-USD").pricebook.product_id,
            len(public.get_public_products().products),
            public.get_public_market_trades("BTC-USD", 1).best_bid,
            len(public.get_public_candles("BTC-USD", *span, "FIVE_MINUTE").candles),
            int(public.get_unix_time().epoch_seconds) > 0,
        ],
        "errors": [
            refused(lambda: client.get_product("NO-SUCH")),
            refused(lambda: client.get_order("no-such")),
            refused(lambda: client.get_candles("BTC-USD", "0", "60", "TWO_MINUTES")),
        ],
    }


def account(client: RESTClient) -> dict[str, object]:
    """Balances, fees and permissions."""
    accounts = client.get_accounts().accounts
    tier = client.get_transaction_summary().fee_tier
    return {
        "currencies": [each.currency for each in accounts],
        "pages": [len(each) for each in all_pages(client.get_accounts, "accounts")],
        "one": client.get_account(accounts[0].uuid).account.currency,
        "tier": [tier["maker_fee_rate"], tier["taker_fee_rate"]],
        "permissions": client.get_api_key_permissions().to_dict(),
        "portfolios": len(client.get_portfolios().portfolios),
    }


def life(client: RESTClient, name: str) -> dict[str, object]:
    """Orders from preview to fill."""
    previewed = client.preview_limit_order_gtc_buy("BTC-USD", "0.001", "60000", post_only=True)
    placed = client.limit_order_gtc_buy(f"{name}-1", "BTC-USD", "0.001", "60000", post_only=True)
    order_id = placed["success_response"]["order_id"]
    edit_preview = client.preview_edit_order(order_id, size="0.002", price="59000").to_dict()
    edited = client.edit_order(order_id, size="0.002", price="59000").to_dict()
    shown = client.get_order(order_id).order.to_dict()
    again = client.limit_order_gtc_buy(f"{name}-1", "BTC-USD", "0.5", "50000").to_dict()
    cancelled = client.cancel_orders([order_id, "no-such"]).to_dict()
    kinds = [
        client.market_order_buy(f"{name}-2", "BTC-USD", quote_size="100"),
        client.market_order_sell(f"{name}-3", "BTC-USD", base_size="0.001"),
        client.limit_order_ioc_buy(f"{name}-4", "BTC-USD", "0.001", "68001"),
        client.limit_order_fok_buy(f"{name}-5", "ETH-USD", "6", "3400.50"),
        client.limit_order_gtd_buy(f"{name}-6", "BTC-USD", "0.001", "60000", END),
    ]
    ids = [each.to_dict().get("success_response", {}).get("order_id") for each in kinds]
    return {
        "previewed": previewed.to_dict(),
        "placed": placed.to_dict(),
        "edit_preview": edit_preview,
        "edited": edited,
        "shown": shown,
        "again": again["success_response"]["order_id"] == order_id,
        "cancelled": cancelled,
        "kinds": [
            each.to_dict().get("success") or each.to_dict()["error_response"] for each in kinds
        ],
        "statuses": [client.get_order(each).order.status if each else None for each in ids],
        "fills": [
            [each.side, each.price, each.liquidity_indicator]
            for each in client.get_fills(order_ids=[each for each in ids if each]).fills
        ],
        "open": len(client.list_orders(order_status=["OPEN"]).orders),
        "pages": [len(each) for each in all_pages(client.list_orders, "orders")],
        "refused": client.limit_order_gtc_buy(
            f"{name}-7", "BTC-USD", "0.001", "68001", post_only=True
        ).to_dict(),
        "poor": client.limit_order_gtc_buy(f"{name}-8", "BTC-USD", "90", "67000").to_dict(),
    }


def stops(client: RESTClient) -> dict[str, object]:
    """Orders that wait for a price, of every kind; all of them are taken back."""
    down = "STOP_DIRECTION_STOP_DOWN"
    preview = client.preview_stop_limit_order_gtc_sell("BTC-USD", "0.01", "59000", "60000", down)
    kinds = [
        client.stop_limit_order_gtc_sell("stop-1", "BTC-USD", "0.01", "59000", "60000", down),
        client.stop_limit_order_gtd_sell("stop-2", "BTC-USD", "0.01", "59000", "60000", END, down),
        client.trigger_bracket_order_gtc_sell("stop-3", "BTC-USD", "0.01", "70000", "60000"),
        client.trigger_bracket_order_gtd_sell("stop-4", "BTC-USD", "0.01", "70000", "60000", END),
    ]
    ids = [each["success_response"]["order_id"] for each in kinds]
    shown = [client.get_order(each).order for each in ids]
    edited = client.edit_order(ids[0], size="0.01", price="59001").to_dict()
    late = client.stop_limit_order_gtc_sell("stop-5", "BTC-USD", "0.01", "59000", "69000", down)
    return {
        "errors": preview.to_dict()["errs"],
        "types": [[each.order_type, each.trigger_status, each.time_in_force] for each in shown],
        "edited": edited["errors"][0]["edit_failure_reason"],
        "late": late.to_dict()["error_response"]["preview_failure_reason"],
        "cancelled": [each.success for each in client.cancel_orders(ids).results],
    }


def main(host: str, certificate: str, first: str, second: str) -> None:
    """Print what the client sees with each of two keys."""
    client, other = connected(host, certificate, first), connected(host, certificate, second)
    seen = {
        "market": market(client),
        "account": account(client),
        "life": [life(client, "first"), life(other, "second")],
        "stops": stops(client),
        "limited": [refused(client.get_accounts) for _ in range(MOST + 1)][-1],
    }
    json.dump(seen, sys.stdout)


main(*sys.argv[1:5])
