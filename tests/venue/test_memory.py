"""What the venue answered for, it knows after a restart; what it did not answer for may be gone."""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import replace
from decimal import Decimal

import pytest
from fakes.clock import START, ManualClock
from fakes.venue import CASH, LISTINGS
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.system.memory_disk import MemoryDisk
from engine.adapters.system.rng import SeededRng
from engine.errors import MandateError
from engine.model.market import ProductStatus, Quote
from engine.model.orders import Side
from engine.model.symbols import Symbol
from engine.venue.fate import Placed
from engine.venue.memory import MemoryLostError
from engine.venue.memory.journal import FILE
from engine.venue.orders import Configuration, OrderRequest
from engine.venue.settings import VenueSettings
from engine.venue.venue import Venue

BTC = Symbol("BTC", "USD")
SETTINGS = VenueSettings(LISTINGS, CASH)


def quote(clock: ManualClock, bid: str, ask: str, size: str = "1") -> Quote:
    """A quote as of now."""
    sizes = Decimal(size), Decimal(size)
    return Quote(BTC, clock.now(), Decimal(bid), Decimal(ask), *sizes)


def limit(number: int, price: str, size: str = "0.01", side: Side = Side.BUY) -> OrderRequest:
    """A limit order that rests."""
    return OrderRequest(
        client_order_id=f"c{number}",
        symbol=BTC,
        side=side,
        configuration=Configuration.LIMIT_GTD,
        base_size=Decimal(size),
        limit_price=Decimal(price),
        end_time=START.plus_s(3600),
    )


def placed(venue: Venue, request: OrderRequest) -> str:
    """The id of an order that must be taken."""
    outcome = asyncio.run(venue.place(request))
    assert isinstance(outcome, Placed), outcome
    return outcome.order_id


def lived(disk: MemoryDisk, clock: ManualClock) -> Venue:
    """A venue to which everything that it remembers has happened."""
    venue = Venue(SETTINGS, clock, SeededRng(b"1"), disk)
    venue.show(quote(clock, "68000", "68001"))
    resting = placed(venue, limit(1, "60000"))
    placed(venue, limit(2, "68001", "0.5"))
    edited = placed(venue, limit(3, "67000.01", "0.3"))
    clock.passes(1)
    asyncio.run(venue.edit(edited, Decimal("66000.02"), Decimal("0.4")))
    asyncio.run(venue.cancel(resting))
    clock.passes(1)
    venue.show(quote(clock, "65000", "65999", "0.25"))
    venue.transfer("USD", Decimal("-12.34"))
    product = replace(LISTINGS[1].product, status=ProductStatus.HALTED)
    venue.list_product(replace(LISTINGS[1], product=product))
    return venue


def told(venue: Venue) -> tuple[object, ...]:
    """Everything that a client could see."""
    fate = venue.fate
    return (
        fate.orders(),
        fate.executions(),
        fate.balances(),
        venue.transfers,
        venue.listings,
        venue.nonce,
    )


def test_a_restart_changes_nothing() -> None:
    """Orders, executions, balances, transfers, products and ids are what they were."""
    disk, clock = MemoryDisk(), ManualClock()
    before = told(lived(disk, clock))
    disk.crash()
    assert told(Venue(SETTINGS, clock, SeededRng(b"2"), disk)) == before


def test_it_goes_on_where_it_stopped() -> None:
    """An order that rested is still filled, expired, or cancelled after a restart."""
    disk, clock = MemoryDisk(), ManualClock()
    lived(disk, clock)
    venue = Venue(SETTINGS, clock, SeededRng(b"2"), disk)
    (open_order,) = [each for each in venue.fate.orders() if not each.status.final]
    clock.passes(4000)
    venue.refresh()
    order = venue.fate.order(open_order.order_id)
    assert order is not None
    assert order.status.value == "EXPIRED"
    assert all(each.held == 0 for each in venue.fate.balances())


@given(cut=st.integers(min_value=0, max_value=100_000))
def test_a_torn_end_is_a_call_that_was_never_made(cut: int) -> None:
    """Wherever the last write is torn, the venue starts, and knows whole calls only."""
    disk, clock = MemoryDisk(), ManualClock()
    lived(disk, clock)
    data = disk.read(FILE)
    begin = data.index(b"\n") + 1
    kept = begin + cut % (len(data) - begin)
    torn = MemoryDisk()
    torn.append(FILE, data[:kept])
    torn.sync(FILE)
    venue = Venue(SETTINGS, clock, SeededRng(b"2"), torn)
    assert torn.read(FILE) == data[: data.rfind(b"\n", 0, kept) + 1]
    filled = sum((each.size for each in venue.fate.executions()), Decimal(0))
    assert filled == sum((each.filled for each in venue.fate.orders()), Decimal(0))


def test_damage_in_the_middle_is_refused() -> None:
    """A byte changed in any line but the torn last one ends the start with M602."""
    disk, clock = MemoryDisk(), ManualClock()
    lived(disk, clock)
    data = bytearray(disk.read(FILE))
    data[len(data) // 2] ^= 1
    disk.replace(FILE, bytes(data))
    with pytest.raises(MandateError, match="M602"):
        Venue(SETTINGS, clock, SeededRng(b"2"), disk)


MOVE = {"kind": "transfer", "transfer_id": "x", "currency": "USD", "units": "1", "time": 1}
GENESIS = {"version": 1, "nonce": "00", "cash": {}}


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"version": 2, "nonce": "00", "cash": {}}, {}),
        ({"version": 1, "cash": {}}, {}),
        ({"version": 1, "nonce": "zz", "cash": {}}, {}),
        ({"version": 1, "nonce": "00", "cash": {"USD": "lots"}}, {}),
        (GENESIS, {}),
        (GENESIS, {"happened": [7]}),
        (GENESIS, {"happened": [{"kind": "dream"}]}),
        (GENESIS, {"happened": [{}]}),
        (GENESIS, {"happened": [{"kind": "transfer", "transfer_id": 7}]}),
        (GENESIS, {"happened": [{"kind": "execution", "number": "1"}]}),
        (GENESIS, {"happened": [{"kind": "order", "number": 1, "order_id": "x", "request": []}]}),
        (
            GENESIS,
            {
                "happened": [
                    {"kind": "transfer", "transfer_id": "x", "currency": "USD", "units": "x"}
                ]
            },
        ),
    ],
)
def test_what_nobody_wrote_is_refused(first: dict[str, object], then: dict[str, object]) -> None:
    """A whole line that is no line of this journal is damage too, whatever its checksum says."""
    disk = MemoryDisk()
    for each in (first, then):
        body = json.dumps(each).encode()
        disk.append(FILE, f"{zlib.crc32(body):08x} ".encode() + body + b"\n")
    with pytest.raises(MandateError, match="M602"):
        Venue(SETTINGS, ManualClock(), SeededRng(b"2"), disk)


def test_other_money_is_refused() -> None:
    """A memory that began with other cash is not this venue's: M603."""
    disk, clock = MemoryDisk(), ManualClock()
    lived(disk, clock)
    with pytest.raises(MandateError, match="M603"):
        Venue(replace(SETTINGS, cash={"USD": Decimal(5)}), clock, SeededRng(b"2"), disk)


def test_nothing_is_answered_that_the_disk_refused() -> None:
    """When the disk is full the call fails, nobody is told, and so does every later one."""
    disk, clock = FullDisk(), ManualClock()
    venue = Venue(SETTINGS, clock, SeededRng(b"1"), disk)
    heard: list[object] = []
    venue.listen(heard.append)
    venue.show(quote(clock, "68000", "68001"))
    disk.full = True
    with pytest.raises(MemoryLostError):
        placed(venue, limit(1, "60000"))
    disk.full = False
    with pytest.raises(MemoryLostError):
        venue.refresh()
    assert len(heard) == 1
    assert Venue(SETTINGS, clock, SeededRng(b"2"), disk).fate.orders() == []


class FullDisk(MemoryDisk):
    """A disk that can be full."""

    full = False

    def append(self, name: str, data: bytes) -> None:
        """Add bytes, unless it is full."""
        if self.full:
            raise OSError(28, "No space left on device")
        super().append(name, data)
