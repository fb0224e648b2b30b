"""The synthetic market: the same from one seed, on its grid, with its trends and its crash."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from engine.adapters.recorded import Recording, open_recording, received
from engine.adapters.synthetic import (
    DEMO_SEED,
    DEMO_SPEC,
    INCIDENTS,
    PRODUCTS,
    IncidentKind,
    MarketSpec,
    check_spec,
    describe,
    generate,
    write_market,
)
from engine.model.market import Bar, ProductStatus, Quote
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from pathlib import Path

    from engine.model.symbols import Symbol

Market = list[Quote | Bar]
SHORT = MarketSpec(DEMO_SPEC.start, history_hours=0, quote_every_s=60)
AT_RISK_RATIO = Decimal("0.08")
DAILY_STOP_RATIO = Decimal("0.03")


@pytest.fixture(scope="module")
def market() -> Market:
    """The market of the demo."""
    return list(generate(DEMO_SPEC, DEMO_SEED))


def _quotes(market: Market, symbol: Symbol, begin_s: int, end_s: int) -> list[Quote]:
    """A symbol's quotes in [begin, end) of the script."""
    begin, end = DEMO_SPEC.start.plus_s(begin_s), DEMO_SPEC.start.plus_s(end_s)
    quotes = [each for each in market if isinstance(each, Quote) and each.symbol == symbol]
    return [each for each in quotes if begin <= each.time < end]


def _spread_bps(quote: Quote) -> Decimal:
    assert quote.bid is not None
    assert quote.ask is not None
    return (quote.ask - quote.bid) / quote.bid * 10_000


def test_one_seed_is_one_market() -> None:
    """The same seed gives the same events, another seed others."""
    assert list(generate(SHORT, 1)) == list(generate(SHORT, 1))
    assert list(generate(SHORT, 1)) != list(generate(SHORT, 2))


def test_cadence_does_not_change_prices() -> None:
    """Quotes draw their own chance: denser quotes leave every bar as it is."""
    dense = MarketSpec(SHORT.start, history_hours=0, quote_every_s=30)
    bars = [[each for each in generate(s, 3) if isinstance(each, Bar)] for s in (SHORT, dense)]
    assert bars[0] == bars[1]


def test_events_come_in_order_of_receipt(market: Market) -> None:
    """Bars at their completion, before the quotes of the same instant, symbols in text order."""
    keys = [(received(e), isinstance(e, Quote), str(e.symbol)) for e in market]
    assert keys == sorted(keys)


def test_prices_and_sizes_lie_on_their_grids(market: Market) -> None:
    """Every price is a multiple of its product's increment, every size of the base increment."""
    grids = {product.symbol: product for product in PRODUCTS}
    for event in market:
        product = grids[event.symbol]
        prices: tuple[Decimal | None, ...]
        sizes: tuple[Decimal | None, ...]
        if isinstance(event, Quote):
            prices, sizes = (event.bid, event.ask), (event.bid_size, event.ask_size)
        else:
            prices = (event.open, event.high, event.low, event.close)
            sizes = (event.volume,)
        assert all(p is None or (p > 0 and p % product.price_increment == 0) for p in prices)
        assert all(s is None or (s > 0 and s % product.base_increment == 0) for s in sizes)


def test_bars_are_one_walk(market: Market) -> None:
    """Each bar opens where the one before closed, and holds its own open and close."""
    for product in PRODUCTS:
        bars = [e for e in market if isinstance(e, Bar) and e.symbol == product.symbol]
        assert len(bars) == 30 * 60
        assert all(a.close == b.open for a, b in pairwise(bars))
        assert all(b.low <= min(b.open, b.close) <= max(b.open, b.close) <= b.high for b in bars)


def test_quotes_stand_where_bars_do(market: Market) -> None:
    """Outside its incidents a coin is quoted within its spread around the last close."""
    for product in PRODUCTS:
        closes = {
            received(e): e.close
            for e in market
            if isinstance(e, Bar) and e.symbol == product.symbol
        }
        for quote in _quotes(market, product.symbol, 0, 100 * 60):
            if quote.time in closes:
                assert quote.bid is not None
                assert quote.ask is not None
                step = product.price_increment
                assert quote.bid - step <= closes[quote.time] <= quote.ask + step


def test_every_coin_trends(market: Market) -> None:
    """Before the crash each coin has a quarter of an hour that rises, and one that falls."""
    for product in PRODUCTS:
        bars = [e for e in market if isinstance(e, Bar) and e.symbol == product.symbol]
        script = [bar.close for bar in bars if bar.time >= DEMO_SPEC.start][:300]
        moves = [later / earlier - 1 for earlier, later in zip(script, script[15:], strict=False)]
        assert max(moves) > Decimal("0.015")
        assert min(moves) < Decimal("-0.008")


def _incident(kind: IncidentKind) -> tuple[Symbol, int, int]:
    each = next(incident for incident in INCIDENTS if incident.kind is kind)
    assert each.symbol is not None
    return each.symbol, each.begin_s, each.end_s


def test_spread_blows_out(market: Market) -> None:
    """The blow-out is far beyond any guard, and calm is far below."""
    symbol, begin, end = _incident(IncidentKind.SPREAD_BLOW_OUT)
    assert min(map(_spread_bps, _quotes(market, symbol, begin, end))) > 60
    assert max(map(_spread_bps, _quotes(market, symbol, 0, begin))) < 5


def test_depth_thins_out(market: Market) -> None:
    """At the thin top rests less than any order's double, at other times a tier's worth."""
    symbol, begin, end = _incident(IncidentKind.THIN_DEPTH)
    thin, calm = ((begin, end), (0, begin))
    tops = [
        [q.bid * q.bid_size for q in _quotes(market, symbol, *when) if q.bid and q.bid_size]
        for when in (thin, calm)
    ]
    assert max(tops[0]) < 600
    assert min(tops[1]) > 40_000


def test_feed_falls_silent(market: Market) -> None:
    """The stale symbol has no quote for thirteen minutes, and its bars go on."""
    symbol, begin, end = _incident(IncidentKind.STALE_FEED)
    assert _quotes(market, symbol, begin, end) == []
    bars = [e for e in market if isinstance(e, Bar) and e.symbol == symbol]
    first, last = DEMO_SPEC.start.plus_s(begin), DEMO_SPEC.start.plus_s(end)
    assert sum(first <= bar.time < last for bar in bars) == 13


def test_book_has_one_side(market: Market) -> None:
    """The one-sided book has bids alone."""
    quotes = _quotes(market, *_incident(IncidentKind.ONE_SIDED))
    assert len(quotes) == 20
    assert all(q.bid and q.ask is None and q.ask_size is None for q in quotes)


def test_outlier_is_one_tick(market: Market) -> None:
    """One quote stands 9 % above its neighbours on both sides."""
    symbol, begin, end = _incident(IncidentKind.OUTLIER)
    before, outlier, after = (
        q.bid for q in _quotes(market, symbol, begin - 30, end + 30) if q.bid is not None
    )
    assert min(outlier / before, outlier / after) > Decimal("1.08")


def test_quote_crosses(market: Market) -> None:
    """The crossed quotes have their bid above their ask, and no other quote has."""
    symbol, begin, end = _incident(IncidentKind.CROSSED)
    crossed = [q for q in market if isinstance(q, Quote) and q.bid and q.ask and q.bid > q.ask]
    assert crossed == _quotes(market, symbol, begin, end)


def test_crash_trips_a_daily_stop(market: Market) -> None:
    """Between two quotes every coin falls so far that 8 % at risk loses more than 3 %."""
    crash = next(each for each in INCIDENTS if each.kind is IncidentKind.CRASH)
    for product in PRODUCTS:
        bids = [
            q.bid
            for q in _quotes(market, product.symbol, crash.begin_s - 30, crash.end_s)
            if q.bid is not None
        ]
        gap = 1 - bids[2] / bids[1]
        assert gap * AT_RISK_RATIO > DAILY_STOP_RATIO
        assert Decimal("0.58") < 1 - bids[-1] / bids[0] < Decimal("0.64")


def test_end_is_calm(market: Market) -> None:
    """The last half hour moves by less than 2 %."""
    for product in PRODUCTS:
        bids = [q.bid for q in _quotes(market, product.symbol, 330 * 60, 361 * 60) if q.bid]
        assert max(bids) / min(bids) < Decimal("1.02")


def test_script_is_the_end_of_a_longer_market() -> None:
    """A longer market is calm first; its crash comes in its last hour."""
    spec = MarketSpec(DEMO_SPEC.start, hours=8, history_hours=0, quote_every_s=60)
    quotes = [e for e in generate(spec, 5) if isinstance(e, Quote)]
    crash_s = next(each.begin_s for each in INCIDENTS if each.kind is IncidentKind.CRASH)
    crash = spec.start.plus_s(2 * 3600 + crash_s)
    before = [q.bid for q in quotes if q.symbol.base == "BTC" and q.time <= crash and q.bid]
    after = [q.bid for q in quotes if q.symbol.base == "BTC" and q.time > crash and q.bid]
    assert min(before) > Decimal("1.2") * max(after)
    assert "crash from 15:05" in describe(spec, 5)[1]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (MarketSpec(SHORT.start, hours=5), "hours is 5, and may be 6 to 744"),
        (MarketSpec(SHORT.start, hours=745), "hours is 745"),
        (MarketSpec(SHORT.start, history_hours=-1), "history_hours is -1"),
        (MarketSpec(SHORT.start, quote_every_s=7), "a quote every 7 s"),
    ],
    ids=["too short", "too long", "negative history", "off the grid"],
)
def test_spec_out_of_bounds_is_refused(spec: MarketSpec, words: str, tmp_path: Path) -> None:
    """A market that cannot hold its script is refused in words, and generating it is a bug."""
    (finding,) = check_spec(spec)
    assert finding.code == "M520"
    assert words in finding.message
    assert write_market(tmp_path, spec, 1) == (finding,)
    with pytest.raises(ValueError, match=words):
        generate(spec, 1)


def test_formats_hold_the_same_market(tmp_path: Path) -> None:
    """CSV and Parquet of one seed replay the same events; without history there is no such file."""
    pytest.importorskip("polars", reason="writing Parquet needs the extra simulate")
    events = []
    for suffix in (".csv", ".parquet"):
        assert write_market(tmp_path, SHORT, 1, suffix) == ()
        recording = open_recording(sorted(tmp_path.glob(f"*{suffix}")))
        assert isinstance(recording, Recording)
        assert len(recording.report.files) == 2
        events.append(list(recording.events()))
    assert events[0] == events[1] == list(generate(SHORT, 1))


def test_products_are_tradable() -> None:
    """Every synthetic product is online and has minimums that its grid can meet."""
    for product in PRODUCTS:
        assert product.status is ProductStatus.ONLINE
        assert product.base_min_size % product.base_increment == 0
        assert product.quote_min_size > 0
    assert UtcTime.parse("2026-01-05T08:00:00Z") == DEMO_SPEC.start
