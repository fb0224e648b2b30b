"""A recorded day over sockets, one request in ten of it faulty: ledger and venue agree at the end.

Real commands at both ends. The venue shows the day faster than it was, and spoils requests and
messages in every way that it knows. Then it is started again on its own memory without faults, and
so is the trader, until nothing is left open: no order twice, none lost, none that we do not know,
and money equal to the last digit, fees included.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from profiles import at_night
from run.conftest import records
from run.real_time.conftest import POLICIES
from run.real_time.two_commands import trader, venue_process

from engine.adapters.recorded import open_recording
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.disk import DirectoryDisk
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.cycle.records.recovery import recover
from engine.cycle.rejudge import rejudge
from engine.ledger.records import RecordKind
from engine.ledger.verify import verify
from engine.model.market import Quote
from engine.model.numbers import ZERO
from engine.model.orders import OrderStatus

if TYPE_CHECKING:
    from pathlib import Path

    from run.real_time.two_commands import Account

    from engine.ledger.state import State

DAY = datetime(2018, 4, 4, tzinfo=UTC)
RECORDING = "quotes/coinbase_l1_1m_2017-12_2018-04.parquet"
FAULTY_PCT = "10"


@dataclass(frozen=True)
class Length:
    """How much of the day, how fast, and how long until everything has come to rest."""

    minutes: int
    pace: int
    calm_cycles: int

    @property
    def cycles(self) -> int:
        """One a second, for as long as the market moves."""
        return self.minutes * 60 // self.pace


SETTLED_S = 90.0
"""The set's quarantine of a minute, and half of one for what went before and comes after."""
SLICE = Length(minutes=24, pace=240, calm_cycles=3)
WHOLE = Length(minutes=1440, pace=180, calm_cycles=100)


def day_of(recordings: Path, folder: Path, minutes: int) -> Path:
    """The first minutes of the day, as a recording of its own."""
    recording = open_recording((recordings / RECORDING,))
    assert not isinstance(recording, tuple)
    path = folder / "day.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("ts", "symbol", "bid", "ask", "bid_size", "ask_size"))
        begin = int(DAY.timestamp()) * 10**9
        for each in recording.events():
            if isinstance(each, Quote) and 0 <= each.time.ns - begin < minutes * 60 * 10**9:
                sizes = (each.bid_size, each.ask_size)
                rows.writerow((each.time.ns, each.symbol, each.bid, each.ask, *sizes))
    return path


@pytest.mark.long
@pytest.mark.parametrize("seed", [1])
def test_a_day_over_sockets(recordings: Path, tmp_path: Path, seed: int) -> None:
    """No duplicate, no lost, no orphan order; ledger equals venue to the cent, fees included."""
    length = WHOLE if at_night() else SLICE
    day = day_of(recordings, tmp_path, length.minutes)
    state, ledger = tmp_path / "venue", tmp_path / "ledger"
    rules = ("--policies", str(POLICIES))
    shown = ("--quotes", str(day), "--pace", str(length.pace))
    chance = ("--fault-rate", FAULTY_PCT, "--seed", str(seed))
    with venue_process(state, *shown, *chance) as venue:
        trader(venue, ledger, *rules, "--cycles", str(length.cycles), wait_s=3600)
    with venue_process(state, "--quotes", str(day), "--pace", "1") as venue:
        let_go_of_collisions(ledger)
        trader(venue, ledger, *rules, "--cycles", str(length.calm_cycles), wait_s=600)
        told = recover(records(ledger)).state
        assert told.genesis is not None
        account = venue.account(told.genesis.plus_s(-600))
    agree(ledger, told, account)
    if at_night():
        assert told.last_cycle is not None
        # It trades on while all is calm; what was in doubt before is settled.
        late = [told.last_cycle.since_s(each.created) for each in told.working.values()]
        assert max(late, default=0.0) <= SETTLED_S, told.working
        assert len(account.fills) > 50


def let_go_of_collisions(ledger: Path) -> None:
    """A person has looked: the venue showed another order in an answer."""
    disk, now = DirectoryDisk(ledger), SystemClock().now()
    for name, key in recover(records(ledger)).state.latches:
        command = Command("rearm", f"{name}:{key}" if key else name, "anna", "looked at the venue")
        operator.drop_command(disk, command, now)


def agree(ledger: Path, state: State, account: Account) -> None:
    """Every order, every fill, every unit: the same at both ends."""
    told = records(ledger)
    intents = {e.fields()["client_order_id"] for e in told if e.kind is RecordKind.INTENT}
    # An order of unknown fate is known again by its fill, without a word of the venue before.
    kinds = (RecordKind.ACKNOWLEDGED, RecordKind.FILLED)
    known = {e.fields()["client_order_id"] for e in told if e.kind in kinds}
    at_venue = Counter(each.client_order_id for each in account.orders)
    assert [each for each, count in at_venue.items() if count > 1] == []
    assert set(at_venue) - intents == set()
    assert set(at_venue) == known
    for order in state.working.values():
        # What nobody has found is called unknown, and counts in full until its quarantine ends.
        assert order.status is OrderStatus.UNKNOWN or order.client_order_id in at_venue
    filled = [each.fields() for each in told if each.kind is RecordKind.FILLED]
    assert {each["fill_id"] for each in filled} == {each.fill_id for each in account.fills}
    assert len(filled) == len(account.fills) > 0
    paid = sum((Decimal(str(each["fee"])) for each in filled), ZERO)
    assert paid == sum((each.fee for each in account.fills), ZERO)
    assert {name: units for name, units in state.cash.items() if units} == account.balances
    assert state.differences == {}
    assert rejudge(told).agrees
    assert verify(DirectoryDisk(ledger)).intact
