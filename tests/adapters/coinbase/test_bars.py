"""Bars in real time: whole minutes in their order, from the tape or from candles, none invented."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.clock import START
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.coinbase.bars import SETTLED_S, MinuteBars
from engine.adapters.system.virtual_clock import VirtualClock
from engine.model.market import Bar, Quote, Trade
from engine.model.symbols import Symbol
from engine.model.times import NS_PER_S, UtcTime
from engine.ports import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.adapters.coinbase.market import PublicMarket

BTC, ETH = Symbol("BTC", "USD"), Symbol("ETH", "USD")
MINUTE = UtcTime(START.ns // (60 * NS_PER_S) * 60 * NS_PER_S)
CANDLE, TAPE = Decimal(10), Decimal(20)


def at(minute: float) -> UtcTime:
    """So many minutes after the first."""
    return MINUTE.plus_s(60 * minute)


def bar(minute: int, price: Decimal = CANDLE, symbol: Symbol = BTC) -> Bar:
    """A bar of one price."""
    return Bar(symbol, at(minute), 60, price, price, price, price, Decimal(1))


@dataclass
class Candles:
    """A market that has a candle for each minute, unless it is down."""

    down: bool = False
    asked: list[tuple[Symbol, float, float]] = field(default_factory=list)

    async def candles(self, symbol: Symbol, first: UtcTime, until: UtcTime) -> Sequence[Bar]:
        """Every minute of the stretch."""
        begin, end = (each.since_s(MINUTE) / 60 for each in (first, until))
        self.asked.append((symbol, begin, end))
        if self.down:
            raise UnreachableError
        return [bar(n, CANDLE, symbol) for n in range(int(begin), int(end))]


@dataclass
class Desk:
    """Who hears the bars."""

    market: Candles = field(default_factory=Candles)
    since: UtcTime | None = None
    told: list[Bar] = field(default_factory=list)
    warm_up_s: int = 180
    symbols: tuple[Symbol, ...] = (BTC,)

    def bars(self, clock: VirtualClock) -> MinuteBars:
        """The bars under test."""
        market: PublicMarket = self.market  # type: ignore[assignment] # what it needs of one
        return MinuteBars(
            market, self.symbols, clock, self.warm_up_s, lambda: self.since, self.told.append
        )

    def minutes(self, symbol: Symbol = BTC) -> list[tuple[int, Decimal]]:
        """The minutes that were told of a product, each with its price."""
        ours = [each for each in self.told if each.symbol == symbol]
        return [(int(each.time.since_s(MINUTE) / 60), each.close) for each in ours]


def trade(minute: float, price: Decimal = TAPE) -> Trade:
    """A trade of the tape."""
    return Trade(BTC, at(minute), price, Decimal(1), taker_sold=False)


def tell(bars: MinuteBars, minute: int) -> None:
    """Bring the bars up to the end of the minute before this one."""
    asyncio.run(bars.tell_until(at(minute)))


def test_a_start_is_warmed_up_by_candles_and_goes_on_by_the_tape() -> None:
    """The first minute that the tape saw whole is the first that is made of it."""
    desk = Desk(since=at(0.5))
    bars = desk.bars(VirtualClock(at(0.5)))
    tell(bars, 0)
    bars.on_event(trade(0.7))
    tell(bars, 1)
    bars.on_event(trade(1.1))
    tell(bars, 2)
    expected = [(-3, CANDLE), (-2, CANDLE), (-1, CANDLE), (0, CANDLE), (1, TAPE)]
    assert desk.minutes() == expected
    assert desk.market.asked == [(BTC, -3, 0), (BTC, 0, 1)]


def test_a_minute_without_a_trade_is_asked_for() -> None:
    """The tape may have missed what the venue has; a minute that nobody has is silent."""
    desk = Desk(since=at(-9))
    bars = desk.bars(VirtualClock(at(0)))
    tell(bars, 0)
    tell(bars, 1)
    assert desk.minutes()[-1] == (0, CANDLE)
    tell(bars, 1)
    assert desk.minutes()[-1] == (0, CANDLE)
    assert len(desk.market.asked) == 2


def test_after_a_lost_connection_the_gap_is_filled_before_anything_later() -> None:
    """While the venue does not tell, later bars wait: none of them hides the gap."""
    desk = Desk(since=at(-9))
    bars = desk.bars(VirtualClock(at(0)))
    bars.on_event(trade(0.2))
    tell(bars, 1)
    desk.since = None
    desk.market.down = True
    tell(bars, 2)
    desk.since = at(2.5)
    bars.on_event(trade(2.7))
    tell(bars, 3)
    bars.on_event(trade(3.2))
    tell(bars, 4)
    assert desk.minutes() == [(-2, CANDLE), (-1, CANDLE), (0, CANDLE)]
    desk.market.down = False
    bars.on_event(trade(4.2))
    tell(bars, 5)
    assert [minute for minute, _ in desk.minutes()] == [-2, -1, 0, 2, 3, 4]
    bars.on_event(trade(5.2))
    tell(bars, 6)
    assert desk.minutes()[-1] == (5, TAPE)


def test_what_is_no_trade_says_nothing_of_bars() -> None:
    """Quotes go by."""
    bars = Desk().bars(VirtualClock(at(0)))
    bars.on_event(Quote(BTC, at(0), CANDLE, TAPE))
    assert not bars._built


@given(st.lists(st.tuples(st.sampled_from("tLuRd"), st.integers(0, 59)), max_size=40))
@settings(deadline=None)
def test_bars_are_told_once_and_in_their_order(deeds: list[tuple[str, int]]) -> None:
    """Whatever is lost, down and up again in between; and what is told is of its own minute."""
    desk, minute = Desk(since=at(-9), warm_up_s=600), 0
    bars = desk.bars(VirtualClock(at(0)))
    for deed, second in deeds:
        match deed:
            case "t":
                bars.on_event(trade(minute + second / 60))
            case "L":
                desk.since = None
            case "u":
                desk.since = desk.since or at(minute + second / 60)
            case "R":
                desk.market.down = not desk.market.down
            case _:
                minute += 1
                tell(bars, minute)
    told = [each for each, _ in desk.minutes()]
    assert told == sorted(set(told))
    assert all(each < minute for each in told)


def test_the_rhythm_is_a_minute_and_a_little() -> None:
    """A minute is told once its last trades can be heard, and never before."""
    clock = VirtualClock(at(0.5))
    desk = Desk(since=at(-9), symbols=(BTC, ETH))
    heard: list[tuple[float, int]] = []
    bars = desk.bars(clock)
    bars.tell = lambda each: heard.append((clock.now().since_s(MINUTE), _minute(each)))

    async def main() -> None:
        task = asyncio.create_task(bars.run())
        await clock.sleep_until(at(2.5))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    clock.run(main())
    assert {second for second, _ in heard} == {30.0, 60.0 + SETTLED_S, 120.0 + SETTLED_S}
    assert [minute for second, minute in heard if second > 100] == [1, 1]


def _minute(each: Bar) -> int:
    return int(each.time.since_s(MINUTE) / 60)
