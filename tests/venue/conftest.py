"""One venue for the tests of a module: on sockets, or behind its door alone."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.clock import START, ManualClock
from fakes.venue import CASH, LISTINGS, running_venue

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.system.rng import SystemRng
from engine.model.market import Quote
from engine.model.symbols import Symbol
from engine.venue.passage import Asked
from engine.venue.server.door import Door
from engine.venue.server.home import home_in
from engine.venue.settings import VenueSettings
from engine.venue.venue import Venue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fakes.venue import RunningVenue

    from engine.venue.passage import Reply
    from engine.venue.server.home import Home

QUOTES = {"BTC-USD": ("68000.00", "68001.00"), "ETH-USD": ("3400.00", "3400.50")}
BASE = "/api/v3/brokerage"
HOST = "127.0.0.1:8443"


@pytest.fixture
def running() -> Iterator[RunningVenue]:
    """A venue that shows BTC-USD and ETH-USD."""
    with running_venue(quotes=QUOTES) as venue:
        yield venue


@dataclass(slots=True)
class AtTheDoor:
    """A venue without sockets, asked at its door."""

    venue: Venue
    door: Door
    home: Home
    clock: ManualClock

    def token(self, method: str, path: str, label: str) -> str:
        """A token of one of the venue's keys."""
        key = json.loads(self.home.key_files[label].read_bytes())
        credentials = credentials_of(key["name"], key["privateKey"])
        return credentials.token(self.clock.now(), SystemRng(), f"{method} {HOST}{path}")

    def ask(
        self,
        method: str,
        path: str,
        query: tuple[tuple[str, str], ...] = (),
        *,
        body: object = None,
        label: str | None = "es256",
    ) -> tuple[int, dict[str, object]]:
        """One request: its status and its fields; a path without the API's base gets it."""
        whole = path if path.startswith(("/v2", "/venue")) else BASE + path
        token = None if label is None else self.token(method, whole, label)
        headers = (("host", HOST), *((("authorization", f"Bearer {token}"),) if token else ()))
        data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        answered = self.answered(Asked(method, whole, query, headers, data))
        try:
            return answered.status, json.loads(answered.body)
        except ValueError:
            return answered.status, {"text": answered.body.decode()}

    def answered(self, asked: Asked) -> Reply:
        """The answer to a request as it came."""
        return asyncio.run(self.door.answer(asked))

    def order(self, number: int, price: str = "60000", **changes: object) -> str:
        """The id of a new resting order."""
        body = {
            "client_order_id": f"c{number}",
            "product_id": "BTC-USD",
            "side": "BUY",
            "order_configuration": {
                "limit_limit_gtc": {"base_size": "0.01", "limit_price": price, "post_only": False}
            },
            **changes,
        }
        _, told = self.ask("POST", "/orders", body=body)
        taken = told["success_response"]
        assert isinstance(taken, dict), told
        return str(taken["order_id"])


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which a module's venues keep their keys."""
    return tmp_path_factory.mktemp("venue")


@pytest.fixture
def at_the_door(keys: Path) -> AtTheDoor:
    """A venue that shows BTC-USD, behind its door."""
    clock = ManualClock()
    home = home_in(keys, START, SystemRng())
    venue = Venue(VenueSettings(LISTINGS, CASH), clock, SystemRng())
    sizes = Decimal(5), Decimal(5)
    venue.show(Quote(Symbol("BTC", "USD"), clock.now(), Decimal(68000), Decimal(68001), *sizes))
    clock.passes(1)
    return AtTheDoor(venue, Door(venue, home.ring), home, clock)
