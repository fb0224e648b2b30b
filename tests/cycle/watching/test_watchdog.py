"""The watchdog: silence is acted on, signs of life are not, and only our entries are touched."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from fakes.bench import BTC, ETH, Bench, buy, done, sell

from engine.cycle.watching.watchdog import Watchdog
from engine.ports import UnreachableError

if TYPE_CHECKING:
    from fakes.clock import ManualClock


@dataclass
class Kennel:
    """A watchdog over a bench: an entry and a way out work at its venue."""

    bench: Bench = field(default_factory=Bench)
    beat: bytes = b"."
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        held = self.bench.hold()
        self.bench.wait(61)
        for wish in (buy(ETH), sell(BTC, held)):
            assert self.bench.place(wish).outcome == "sent"
        known = {each.client_order_id for each in self.bench.state.working.values()}
        self.dog = Watchdog(
            beat=lambda: self.beat,
            ours=lambda client_order_id: client_order_id in known,
            since=lambda: self.bench.state.genesis or self.clock.now(),
            venue=self.bench.venue,
            clock=self.clock,
            silence_s=30.0,
            alert=self._alert,
        )

    async def _alert(self, words: str) -> None:
        self.told.append(words)

    @property
    def clock(self) -> ManualClock:
        """The clock of all."""
        return self.bench.clock

    def looks(self, seconds: float, *, beating: bool = False) -> None:
        """Look every half second for so long."""
        for _ in range(round(seconds * 2)):
            self.clock.passes(0.5)
            if beating:
                self.beat += b"."
            done(self.dog.look())

    def working(self) -> list[str]:
        """The sides of what works at the venue."""
        return [e.side.value for e in self.bench.venue.book.values() if not e.status.final]


def test_a_loop_that_beats_keeps_its_orders() -> None:
    """However long it is watched, and with a pause shorter than the silence."""
    kennel = Kennel()
    kennel.looks(100, beating=True)
    kennel.looks(29)
    kennel.looks(100, beating=True)
    assert (kennel.working(), kennel.told) == (["BUY", "SELL"], [])


def test_a_silence_cancels_entries_and_leaves_ways_out() -> None:
    """Once it has lasted, at once; then the watch goes on, and asks for nothing that is gone."""
    kennel = Kennel()
    kennel.looks(40)
    assert kennel.working() == ["SELL"]
    assert kennel.told == [
        "the loop has been silent for 30.0 s: its entries are cancelled",
        "1 of 1 working entries: the venue took the cancel",
    ]
    kennel.looks(60)
    assert len(kennel.bench.venue.cancels) == 1


def test_an_entry_that_arrives_late_is_cancelled_too() -> None:
    """A request that was under way when the loop fell silent is found by a later look."""
    kennel = Kennel()
    kennel.looks(40)
    entry = next(each for each in kennel.bench.venue.received if each.symbol == ETH)
    kennel.bench.venue.arrive(entry)
    assert kennel.working() == ["SELL", "BUY"]
    kennel.looks(10)
    assert kennel.working() == ["SELL"]


def test_a_stranger_is_left_alone() -> None:
    """A person's own buy at the same account is none of ours."""
    kennel = Kennel()
    kennel.dog.ours = lambda _client_order_id: False
    kennel.looks(60)
    assert kennel.working() == ["BUY", "SELL"]


@pytest.mark.parametrize("call", ["orders", "cancel"])
def test_a_venue_that_fails_is_asked_again(call: str) -> None:
    """Every second, until it has been done."""
    kennel = Kennel()
    kennel.bench.venue.failing[call] = UnreachableError("down")
    kennel.looks(35)
    assert kennel.working() == ["BUY", "SELL"]
    assert kennel.told[1:] == ["the venue did not do it: UnreachableError; asked again"] * 5
    del kennel.bench.venue.failing[call]
    kennel.looks(2)
    assert kennel.working() == ["SELL"]


def test_a_loop_that_wakes_is_told_of_and_watched_on() -> None:
    """And its next silence is another one."""
    kennel = Kennel()
    kennel.looks(40)
    kennel.looks(5, beating=True)
    assert kennel.told[-1] == "the loop beats again; it learns of the cancels by reconciling"
    assert not kennel.dog.silent
    kennel.looks(40)
    assert kennel.told[-1].startswith("the loop has been silent")


def test_a_watchdog_that_slept_itself_listens_anew() -> None:
    """A machine that was suspended has suspended both: the loop is given time to beat."""
    kennel = Kennel()
    kennel.looks(5)
    kennel.clock.passes(3600)
    done(kennel.dog.look())
    kennel.looks(29)
    assert kennel.working() == ["BUY", "SELL"]
    kennel.looks(2)
    assert kennel.working() == ["SELL"]


def test_it_watches_until_it_is_stopped() -> None:
    """Look after look, by real time."""
    kennel = Kennel()
    looked = asyncio.Event()

    def beat() -> bytes:
        looked.set()
        return b""

    async def watched() -> None:
        kennel.dog.beat = beat
        running = asyncio.create_task(kennel.dog.run())
        for _ in range(2):
            await asyncio.wait_for(looked.wait(), 10)
            looked.clear()
        running.cancel()

    asyncio.run(watched())
