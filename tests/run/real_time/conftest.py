"""A venue with a market that moves, and runs at it: a cycle a second, something to do in each."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.venue import running_venue

from engine.model.market import Quote
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.policyset.opening import load_policy_set
from engine.run import RunSettings, VenueSettings
from engine.run.real_time.keys import KEY_NAME, KEY_SECRET
from engine.venue.running.replay import replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakes.venue import RunningVenue

    from engine.policyset.policyset import PolicySet

POLICIES = Path(__file__).parent / "policies"
_BEGIN = UtcTime.parse("2026-01-01T00:00:00Z")
_CENT = Decimal("0.01")
_PRICES = {"BTC-USD": 60_000, "ETH-USD": 3_000}


def moving() -> Iterator[Quote]:
    """Two products that swing by half a percent, ten quotes a second each, without end."""
    step = 0
    while True:
        for name, price in _PRICES.items():
            bid = Decimal(price * (1 + 0.005 * math.sin(step / 9))).quantize(_CENT)
            ask = (bid * Decimal("1.0005")).quantize(_CENT)
            five = Decimal(5)
            yield Quote(Symbol.parse(name), _BEGIN.plus_s(step / 10), bid, ask, five, five)
        step += 1


@dataclass(frozen=True)
class Site:
    """A venue, and what a run at it is told."""

    venue: RunningVenue
    settings: RunSettings
    policy_set: PolicySet
    freeze: Callable[[], object]

    def asked(self, **changes: object) -> RunSettings:
        """The settings with other values in them."""
        return replace(self.settings, **changes)  # type: ignore[arg-type] # checked by the dataclass


@pytest.fixture(scope="module")
def brisk() -> PolicySet:
    """The set of the runs, loaded once."""
    return load_policy_set(POLICIES).required()


@pytest.fixture
def site(brisk: PolicySet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A venue whose market moves until it is frozen, and a run there with a key that trades."""
    with running_venue() as venue:

        def start() -> asyncio.Task[None]:
            return asyncio.ensure_future(replay(venue.venue, moving(), 1.0))

        playing = venue.within(start)
        use_key(venue, "ed25519", monkeypatch)
        settings = RunSettings(
            POLICIES, tmp_path / "ledger", venue=VenueSettings(venue.rest, venue.ca)
        )
        try:
            yield Site(venue, settings, brisk, lambda: venue.within(playing.cancel))
        finally:
            venue.within(playing.cancel)


def use_key(venue: RunningVenue, label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put one of the venue's keys into the environment."""
    key = venue.key(label)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv(KEY_NAME, key.name)
    monkeypatch.setenv(KEY_SECRET, key.secret)
