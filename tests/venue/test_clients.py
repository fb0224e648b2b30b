"""Clients that no one here wrote work against the venue, unmodified: the official one, and ccxt."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.venue import LISTINGS

from engine.model.market import Trade
from engine.model.symbols import Symbol
from engine.venue.bodies.words import reply

if TYPE_CHECKING:
    from fakes.venue import RunningVenue

    from engine.venue.passage import Asked, HangUp, Onward, Reply

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv/clients/bin/python"
BTC = Symbol("BTC", "USD")
NAMES = [str(each.symbol) for each in LISTINGS]


def seen(script: str, *words: str) -> dict[str, dict[str, object]]:
    """What a client's script prints."""
    if not PYTHON.exists():
        pytest.skip("the foreign clients are not installed: `make install` does it")
    ended = subprocess.run(  # noqa: S603 - our own script
        [str(PYTHON), str(Path(__file__).parent / "clients" / script), *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told: dict[str, dict[str, object]] = json.loads(ended.stdout)
    return told


def traded(running: RunningVenue) -> None:
    """Two public trades, now."""
    now = running.venue.clock.now()
    for price, sold in (("68000.00", True), ("68001.00", False)):
        running.show(Trade(BTC, now, Decimal(price), Decimal("0.25"), taker_sold=sold))


class Quota:
    """So many requests for the account, and then no more."""

    def __init__(self, most: int) -> None:
        self.left = most

    async def __call__(self, asked: Asked, onward: Onward) -> Reply | HangUp:
        """Answer, or say that it is too much."""
        if asked.path.endswith("/accounts"):
            self.left -= 1
        if self.left < 0:
            error = {"id": "rate_limit_exceeded", "message": "too many requests"}
            return reply({"errors": [error]}, 429)
        return await onward(asked)


def test_the_official_client_works(running: RunningVenue) -> None:
    """Both kinds of keys: market data, the account, every kind of order, refusals, and a 429."""
    traded(running)
    running.through(Quota(150))
    files = (str(running.key(label).file) for label in ("es256", "ed25519"))
    told = seen("official.py", running.host, str(running.ca), *files)
    _market_of_the_official_client(told["market"])
    account = told["account"]
    assert (account["currencies"], account["pages"]) == (["BTC", "USD", "USDC"], [2, 1])
    assert (account["one"], account["tier"]) == ("BTC", ["0.006", "0.012"])
    assert account["permissions"]["can_transfer"] is False  # type: ignore[index]  # an object
    for at, life in enumerate(told["life"]):
        _life_of_the_official_client(life, at)  # type: ignore[arg-type]  # an object
    _stops_of_the_official_client(told["stops"])
    assert told["limited"] == 429


def _stops_of_the_official_client(stops: dict[str, object]) -> None:
    cancelled, date = "GOOD_UNTIL_CANCELLED", "GOOD_UNTIL_DATE_TIME"
    assert stops["errors"] == []
    assert stops["types"] == [
        [kind, "STOP_PENDING", until]
        for kind in ("STOP_LIMIT", "BRACKET")
        for until in (cancelled, date)
    ]
    assert stops["edited"] == "ONLY_LIMIT_ORDER_EDITS_SUPPORTED"
    assert stops["late"] == "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE"
    assert stops["cancelled"] == [True] * 4


def _market_of_the_official_client(market: dict[str, object]) -> None:
    assert (market["products"], market["some"]) == (sorted(NAMES), ["BTC-USD", "ETH-USD"])
    assert market["product"]["alias_to"] == ["BTC-USDC"]  # type: ignore[index]  # an object
    assert market["alias_book"] == "BTC-USD"
    assert market["book"]["spread_absolute"] == "1"  # type: ignore[index]  # an object
    assert market["best"] == [["BTC-USD", "68000", "68001"], ["ETH-USD", "3400", "3400.5"]]
    assert market["candles"] in {1, 2}
    trades = market["trades"]["trades"]  # type: ignore[index]  # an object
    assert [(each["price"], each["side"]) for each in trades] == [
        ("68001", "SELL"),
        ("68000", "BUY"),
    ]
    assert market["public"][:4] == ["BTC-USD", "BTC-USD", 3, "68000"]  # type: ignore[index]  # a list
    assert market["errors"] == [404, 404, 400]


def _life_of_the_official_client(life: dict[str, object], at: int) -> None:
    assert life["previewed"]["order_total"] == "60.36"  # type: ignore[index]  # an object
    assert life["edit_preview"]["order_total"] == "118.708"  # type: ignore[index]  # an object
    shown = life["shown"]
    assert isinstance(shown, dict)
    assert shown["order_configuration"]["limit_limit_gtc"]["limit_price"] == "59000"
    assert (shown["status"], shown["fee"], len(shown["edit_history"])) == ("OPEN", "", 1)
    assert life["again"] is True
    results = life["cancelled"]["results"]  # type: ignore[index]  # an object
    assert [each["success"] for each in results] == [True, False]
    assert life["kinds"] == [True] * 5
    assert life["statuses"] == ["FILLED", "FILLED", "FILLED", "CANCELLED", "OPEN"]
    fills = [["BUY", "68001", "TAKER"], ["SELL", "68000", "TAKER"], ["BUY", "68001", "TAKER"]]
    assert life["fills"] == fills
    assert (life["open"], life["pages"]) == (at + 1, [2] * (3 * at + 3))
    refused = life["refused"]["error_response"]  # type: ignore[index]  # an object
    assert refused["error"] == "INVALID_LIMIT_PRICE_POST_ONLY"
    poor = life["poor"]["error_response"]  # type: ignore[index]  # an object
    assert poor["preview_failure_reason"] == "PREVIEW_INSUFFICIENT_FUND"


@pytest.mark.long
def test_ccxt_works(running: RunningVenue) -> None:
    """Both kinds of keys: markets, book, candles, balance, fees, orders from entry to fill."""
    traded(running)
    files = (str(running.key(label).file) for label in ("es256", "ed25519"))
    told = seen("with_ccxt.py", running.rest, str(running.ca), *files)
    market, account, life = told["market"], told["account"], told["life"]
    assert market["markets"] == ["BTC/USD", "BTC/USDC", "ETH/USD"]
    assert market["precision"] == {"amount": 1e-08, "price": 0.01}
    assert market["currencies"] == ["BTC", "ETH", "USD", "USDC"]
    assert (market["ticker"], market["book"]) == ([68000, 68001], [[68001, 5]])
    assert market["trades"] == 2
    assert len(market["candles"]) in {1, 2}  # type: ignore[arg-type]  # a list
    assert account["usd"] == {"free": 100_000, "used": 0, "total": 100_000}
    assert (account["accounts"], account["fees"]) == (["BTC", "USD", "USDC"], [0.006, 0.012])
    assert life["rested"] == ["ccxt-1", "open", 60000]
    assert (life["edited"], life["after"], life["bought"]) == ([59000, 0.002], "canceled", "closed")
    assert life["fills"] == [[True, "USD", "taker"]]
    assert (life["closed"], life["cancelled"], life["open"]) == (1, 1, 0)
    assert (life["poor"], life["gone"]) == ("InsufficientFunds", "BadRequest")
    stops = told["stops"]
    assert stops["shown"] == [["limit", "open", 60000], ["limit", "open", 70000]]
    assert stops["late"] == "InvalidOrder"
