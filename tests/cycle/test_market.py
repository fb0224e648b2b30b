"""What the market showed last, and which of it nobody believes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fakes.bench import BTC, ETH, SOL, Bench
from fakes.clock import START

from engine.cycle.market import MarketView
from engine.model.market import Bar, Book, BookLevel, Quote, Trade
from engine.series import BarSource

ONE = Decimal(1)
SERIES = 'change_pct("1m")'


def view(source: BarSource) -> MarketView:
    """A market whose bars come from one source."""
    return MarketView([SERIES], lambda _symbol: source)


def feed(market: MarketView, prices: tuple[int, ...]) -> None:
    """A quote, a trade and a recorded bar a minute."""
    for minute, price in enumerate(prices):
        start, value = START.plus_s(60 * minute), Decimal(price)
        market.on_event(Quote(BTC, start, value, value, ONE, ONE))
        market.on_event(Trade(BTC, start.plus_s(1), value + 5, ONE, taker_sold=True))
        market.on_event(Bar(BTC, start, 60, value, value * 2, value, value * 2, ONE))


@pytest.mark.parametrize("source", BarSource)
def test_a_product_s_bars_come_from_one_source(source: BarSource) -> None:
    """Recorded, or built from trades or quotes: never mixed."""
    market = view(source)
    feed(market, (100, 110, 121))
    now = START.plus_s(180)
    market.complete_bars(now)
    assert market.bars_completed(BTC) == now
    before, after = {
        BarSource.RECORDED: (220, 242),
        BarSource.TRADES: (115, 126),
        BarSource.QUOTES: (110, 121),
    }[source]
    value = market.series_values(BTC, now)[SERIES]
    assert value == pytest.approx(100 * (after - before) / before)


def test_the_newest_of_each_is_kept() -> None:
    """Quotes, books, the last bid that there was, and when a product was first heard of."""
    market = view(BarSource.QUOTES)
    level = (BookLevel(ONE, ONE),)
    market.on_event(Quote(ETH, START, ONE, ONE))
    market.on_event(Quote(BTC, START.plus_s(1), Decimal(2), None))
    market.on_event(Quote(BTC, START.plus_s(2), None, Decimal(3)))
    market.on_event(Book(SOL, START.plus_s(3), level, level))
    assert market.symbols == [BTC, ETH]
    assert market.quotes[BTC].bid is None
    assert market.last_bid[BTC] == 2
    assert market.books[SOL].bids == level
    assert market.first_seen[BTC] == START.plus_s(1)
    assert market.last_event == START.plus_s(3)


@pytest.mark.parametrize("wrong", ["0", "-5"])
def test_a_price_that_is_not_above_zero_is_no_price(wrong: str) -> None:
    """Nobody knows the bid then; what is held has at risk what its last price says."""
    bench = Bench()
    bench.hold(BTC, "100")
    before = bench.desk.valuation.at_risk(bench.state)
    bench.quote(BTC, wrong, wrong)
    quote = bench.desk.market.quotes[BTC]
    assert (quote.bid, quote.ask) == (None, None)
    assert bench.desk.valuation.at_risk(bench.state) == before


def test_facts_that_break_an_invariant_are_left_out_and_counted() -> None:
    """A quote with a bid above its ask is not believed; other products are."""
    bench = Bench()
    bench.quote(BTC, "20100", "20000")
    this = bench.cycle()
    assert sum(this.broken_invariants.values()) == 1
    assert "quote.bid" in this.distrusted[BTC]
    assert "quote.bid" not in this.facts(BTC)
    assert "quote.bid" in this.facts(ETH)
    assert ETH not in this.distrusted


def test_series_of_the_set_before_stay_warm() -> None:
    """A rollback finds them as they would be; those of two sets ago begin anew."""
    market = view(BarSource.QUOTES)
    feed(market, (100, 110, 121))
    market.use(['change_pct("2m")'])
    market.complete_bars(START.plus_s(180))
    market.use([SERIES])
    assert market.series_values(BTC, START.plus_s(180))[SERIES] == pytest.approx(10)
    market.use(['highest("2m")'])
    market.use(['change_pct("2m")'])
    assert market.series_values(BTC, START.plus_s(180)) == {}
