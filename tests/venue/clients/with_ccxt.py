"""What ccxt gets from a venue, unmodified but for where it connects.

Run by the clients' own Python: `with_ccxt.py BASE CERTIFICATE KEY-FILE KEY-FILE`. Out: one JSON
object of what it saw.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import ccxt

if TYPE_CHECKING:
    from collections.abc import Callable

PAIR = "BTC/USD"


def connected(base: str, certificate: str, key_file: str) -> ccxt.coinbase:
    """The exchange, pointed at the venue."""
    with open(key_file, encoding="utf-8") as file:  # noqa: PTH123 - a script of a few lines
        key = json.load(file)
    exchange = ccxt.coinbase({"apiKey": key["name"], "secret": key["privateKey"]})
    exchange.session.trust_env = False
    # It asks for `verify and validateServerSsl`: the last of the two is what is used.
    exchange.validateServerSsl = certificate
    exchange.urls["api"]["rest"] = base
    return exchange


def refused(ask: Callable[[], object]) -> str:
    """The kind of error that a request ends with."""
    try:
        ask()
    except ccxt.BaseError as error:
        return type(error).__name__
    return ""


def market(exchange: ccxt.coinbase) -> dict[str, object]:
    """Market data."""
    markets = exchange.load_markets()
    return {
        "markets": sorted(markets),
        "precision": markets[PAIR]["precision"],
        "currencies": sorted(exchange.fetch_currencies()),
        "time": exchange.fetch_time() > 0,
        "ticker": [exchange.fetch_ticker(PAIR)[key] for key in ("bid", "ask")],
        "book": exchange.fetch_order_book(PAIR)["asks"],
        "trades": len(exchange.fetch_trades(PAIR)),
        "candles": exchange.fetch_ohlcv(PAIR, "1m"),
    }


def account(exchange: ccxt.coinbase) -> dict[str, object]:
    """Balances and fees."""
    balance = exchange.fetch_balance()
    return {
        "accounts": sorted(each["code"] for each in exchange.fetch_accounts()),
        "usd": balance["USD"],
        "fees": [exchange.fetch_trading_fees()[PAIR][key] for key in ("maker", "taker")],
    }


def life(exchange: ccxt.coinbase) -> dict[str, object]:
    """Orders from entry to fill."""
    named = {"postOnly": True, "client_order_id": "ccxt-1"}
    order_id = exchange.create_order(PAIR, "limit", "buy", 0.001, 60000, named)["id"]
    rested = exchange.fetch_order(order_id)
    exchange.edit_order(order_id, PAIR, "limit", "buy", 0.002, 59000)
    edited = exchange.fetch_order(order_id)
    exchange.cancel_order(order_id, PAIR)
    bought = exchange.create_order(PAIR, "market", "buy", 0, None, {"cost": 100})["id"]
    return {
        "rested": [rested["clientOrderId"], rested["status"], rested["price"]],
        "edited": [edited["price"], edited["amount"]],
        "after": exchange.fetch_order(order_id)["status"],
        "bought": exchange.fetch_order(bought)["status"],
        "fills": [
            [each["order"] == bought, each["fee"]["currency"], each["takerOrMaker"]]
            for each in exchange.fetch_my_trades(PAIR)
        ],
        "closed": len(exchange.fetch_closed_orders(PAIR)),
        "cancelled": len(exchange.fetch_canceled_orders(PAIR)),
        "open": len(exchange.fetch_open_orders(PAIR)),
        "poor": refused(lambda: exchange.create_order(PAIR, "limit", "buy", 90, 67000)),
        "gone": refused(lambda: exchange.cancel_order(order_id, PAIR)),
    }


def stops(exchange: ccxt.coinbase) -> dict[str, object]:
    """A stop loss, and a profit that is taken; both are taken back."""
    loss = exchange.create_order(PAIR, "limit", "sell", 0.01, 59000, {"stopLossPrice": 60000})
    profit = exchange.create_order(PAIR, "limit", "sell", 0.01, 69000, {"triggerPrice": 70000})
    shown = [exchange.fetch_order(each["id"]) for each in (loss, profit)]
    for each in shown:
        exchange.cancel_order(each["id"], PAIR)
    late = {"stopLossPrice": 69000}
    return {
        "shown": [[each["type"], each["status"], each["triggerPrice"]] for each in shown],
        "late": refused(lambda: exchange.create_order(PAIR, "limit", "sell", 0.01, 59000, late)),
    }


def main(base: str, certificate: str, first: str, second: str) -> None:
    """Print what ccxt sees: the market with one key, orders with the other."""
    exchange, other = connected(base, certificate, first), connected(base, certificate, second)
    seen = {
        "market": market(exchange),
        "account": account(exchange),
        "life": life(other),
        "stops": stops(other),
    }
    json.dump(seen, sys.stdout)


main(*sys.argv[1:5])
