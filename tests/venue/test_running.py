"""What a venue shows and does by itself: a recording as if it happened now, and a script."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from fakes.clock import START, ManualClock
from fakes.venue import CASH, LISTINGS

from engine.adapters.system.rng import SeededRng
from engine.errors import MandateError
from engine.model.market import Bar, ProductStatus, Quote, Trade
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.venue.running.options import VenueOptions, cash_of, plain_listings, settings_of
from engine.venue.running.products import listings_in
from engine.venue.running.replay import replay
from engine.venue.running.script import play, script_in
from engine.venue.settings import VenueSettings
from engine.venue.venue import Venue

BTC = Symbol("BTC", "USD")
THEN = UtcTime.parse("2018-03-01T12:34:56Z")
ONE = Decimal(1)


def venue() -> tuple[Venue, ManualClock]:
    """A venue whose clock jumps where it waits."""
    clock = ManualClock()
    return Venue(VenueSettings(LISTINGS, CASH), clock, SeededRng(b"running")), clock


def quote(after_s: float) -> Quote:
    """A recorded quote, so long after the first."""
    return Quote(BTC, THEN.plus_s(after_s), Decimal(100), Decimal(101), ONE, ONE, THEN)


def bar(after_s: float) -> Bar:
    """A recorded minute that began so long after the first quote."""
    begin = THEN.plus_s(after_s - 56)
    return Bar(BTC, begin, 60, Decimal(100), Decimal(102), Decimal(99), Decimal(101), ONE)


@pytest.mark.parametrize(("pace", "took_s"), [(1.0, 100.0), (10.0, 10.0), (None, 0.0)])
def test_a_recording_happens_now(pace: float | None, took_s: float) -> None:
    """Old quotes are shown as of now, as far apart as the pace says, and then it ends."""
    made, clock = venue()
    heard: list[Quote] = []
    made.listen(lambda news: heard.append(news) if isinstance(news, Quote) else None)
    events = (quote(0), quote(40), quote(100))
    asyncio.run(replay(made, iter(events), pace))
    assert clock.now().since_s(START) == pytest.approx(took_s)
    times = [each.time.since_s(START) for each in heard]
    assert times == pytest.approx([0, took_s * 0.4, took_s])
    assert {each.venue_time for each in heard} == {None}


def test_the_past_is_there_at_once() -> None:
    """Bars before the first quote end now, on the grid of their length; later ones take time."""
    made, clock = venue()
    events = (bar(-7200), bar(-60), quote(0), bar(60), quote(120))
    asyncio.run(replay(made, iter(events), 1.0))
    minutes = made.market.of(BTC).minutes.candles(60, 0, 2**40)
    assert len(minutes) == 3
    assert all(each.start_s % 60 == 0 for each in minutes)
    assert START.ns // 10**9 - minutes[-1].start_s in range(7200, 7320)
    assert clock.now().since_s(START) == pytest.approx(120)


def test_a_minute_that_took_six_seconds_is_none() -> None:
    """At another pace than the real one only quotes and trades are shown."""
    made, _ = venue()
    trade = Trade(BTC, THEN.plus_s(70), Decimal(100), ONE, taker_sold=True)
    asyncio.run(replay(made, iter((quote(0), bar(60), trade)), 10.0))
    (minute,) = made.market.of(BTC).minutes.candles(60, 0, 2**40)
    assert (minute.volume, minute.open) == (ONE, Decimal(100))


def test_bars_alone_show_nothing() -> None:
    """A recording without quotes has no market to trade in."""
    made, _ = venue()
    asyncio.run(replay(made, iter((bar(0),)), 1.0))
    assert made.market.of(BTC).price is None


def test_a_script_does_its_deeds_in_their_time() -> None:
    """Money moves, a product halts, a quote is shown, each when it is due, in any written order."""
    made, clock = venue()
    text = b"""
{"at_s": 20, "product": {"product_id": "BTC-USD", "status": "halted", "price_increment": "0.5"}}
{"at_s": 5, "transfer": {"currency": "USD", "units": "-100"}}
{"at_s": 10.5, "quote": {"product_id": "BTC-USD", "bid": "7", "ask": "8", "bid_size": "1"}}
"""
    asyncio.run(play(made, script_in(text, Path("deeds"))))
    (moved,) = made.transfers
    assert (moved.units, moved.time.since_s(START)) == (Decimal(-100), 5)
    assert made.market.of(BTC).bids[0].price == Decimal(7)
    listing = made.listing("BTC-USD")
    assert listing is not None
    assert listing.product.status is ProductStatus.HALTED
    assert listing.product.price_increment == Decimal("0.5")
    assert clock.now().since_s(START) == 20


def test_a_deed_that_cannot_be_done_ends_the_run() -> None:
    """A withdrawal of what is not there is told with its line."""
    made, _ = venue()
    steps = script_in(b'\n{"at_s": 1, "transfer": {"currency": "EUR", "units": "-1"}}', Path("d"))
    with pytest.raises(MandateError, match=r"d:2:1.*M609"):
        asyncio.run(play(made, steps))
    strange = script_in(b'{"at_s": 1, "product": {"product_id": "NO-NE"}}', Path("d"))
    with pytest.raises(MandateError, match="NO-NE is not listed"):
        asyncio.run(play(made, strange))


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "{}",
        '{"at_s": -1, "transfer": {"currency": "USD", "units": "1"}}',
        '{"at_s": 1}',
        '{"at_s": 1, "dance": {}}',
        '{"at_s": 1, "transfer": {"currency": "usd", "units": "1"}}',
        '{"at_s": 1, "transfer": {"currency": "USD", "units": "0"}}',
        '{"at_s": 1, "quote": {"bid": "1"}}',
        '{"at_s": 1, "product": {"product_id": "BTC-USD", "status": "closed"}}',
        '{"at_s": 1, "product": {"product_id": "BTC-USD", "base_increment": "0"}}',
    ],
)
def test_lines_that_are_no_steps_are_refused(line: str) -> None:
    """Every bad line is told with its place, all at once."""
    with pytest.raises(MandateError) as refused:
        script_in(f"{line}\n\n{line}".encode(), Path("deeds"))
    found = refused.value.diagnostics
    assert [(each.code, each.place.line if each.place else 0) for each in found] == [
        ("M609", 1),
        ("M609", 3),
    ]


def test_products_are_listed_as_the_venue_tells_them(recordings: Path) -> None:
    """A recorded body of products gives its spot products, with their limits and aliases."""
    folder = recordings / "raw/coinbase_advanced_rest_2026-04"
    first, second = listings_in((folder / "http_products.json").read_bytes(), "f")
    assert (str(first.symbol), first.alias_to) == ("BTC-USD", ("BTC-USDC",))
    assert (second.alias, second.market) == ("BTC-USD", BTC)
    assert first.base_max_size == Decimal(3400)
    with pytest.raises(MandateError, match="no spot product"):
        listings_in((folder / "http_products_future.json").read_bytes(), "f")
    with pytest.raises(MandateError, match="M608"):
        listings_in(b"[]", "f")


def test_cash_follows_options_then_memory() -> None:
    """What is named counts; else what the memory began with; else the default."""
    options = VenueOptions(Path("x"), 0, 0)
    listings = list(plain_listings([BTC]))
    assert settings_of(options, listings, None).cash == {"USD": Decimal(100_000)}
    assert settings_of(options, listings, {"EUR": ONE}).cash == {"EUR": ONE}
    assert cash_of(["USD=5", "BTC=0.1"]) == {"USD": Decimal(5), "BTC": Decimal("0.1")}
    with pytest.raises(MandateError) as refused:
        cash_of(["USD", "=5", "USD=-1", "USD=nan", "USD=1"])
    assert len(refused.value.diagnostics) == 4
