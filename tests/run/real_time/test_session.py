"""Whole runs in real time: over sockets, on paper in this process, and as a dry run."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from run.conftest import records

from engine.cycle.rejudge import rejudge
from engine.errors import MandateError
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO
from engine.model.orders import Mode
from engine.run import VenueSettings, prepare
from engine.run.assembly.sources import Sourced
from engine.run.assembly.stream import acquire_lock, open_stream
from engine.run.real_time.address import loopback
from engine.run.real_time.approach import Approach
from engine.run.real_time.run import RealTimeRun

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from run.real_time.conftest import Site

    from engine.cycle.desk import Round
    from engine.run import RunSettings, Session


def go(site: Site, wanted: RunSettings) -> tuple[Session, list[Round]]:
    """A process that runs so and ends."""
    rounds: list[Round] = []
    session = prepare(wanted, site.policy_set)
    session.run(rounds.append)
    return session, rounds


def kinds(ledger: Path) -> Counter[RecordKind]:
    """How many records of each kind."""
    return Counter(each.kind for each in records(ledger))


def held_at(site: Site) -> dict[str, Decimal]:
    """What the venue holds of each currency."""
    balances = site.venue.within(site.venue.venue.fate.balances)
    return {each.currency: each.units for each in balances if each.units != ZERO}


def ours_at(site: Site) -> list[str]:
    """The client order ids of the venue's orders, oldest first."""
    orders = site.venue.within(site.venue.venue.fate.orders)
    return [each.request.client_order_id for each in orders]


@pytest.mark.long
def test_a_run_over_sockets_and_its_continuation_agree_with_the_venue(site: Site) -> None:
    """To the last digit, fees included, with each intent at the venue once, over a restart too."""
    for cycles in (5, 2):
        session, rounds = go(site, site.asked(cycles=cycles))
        assert len(rounds) == cycles
        # From here on nothing fills by itself: what is in the ledger at the end is all there is.
        site.freeze()
    assert {name: units for name, units in session.state.cash.items() if units} == held_at(site)
    assert session.state.differences == {}
    told = kinds(site.settings.ledger)
    assert told[RecordKind.FILLED] > 1
    assert told[RecordKind.GENESIS] == told[RecordKind.SET_ACTIVATED] == 1
    taken = [e for e in records(site.settings.ledger) if e.kind is RecordKind.ACKNOWLEDGED]
    # In the order in which they came: one for each that the venue took, and no other.
    assert ours_at(site) == [each.fields()["client_order_id"] for each in taken]
    assert told[RecordKind.SENT] == len(taken) + told[RecordKind.REJECTED]
    assert rejudge(records(site.settings.ledger)).agrees
    genesis = records(site.settings.ledger)[0].fields()
    assert genesis["venue"] == "loopback"
    assert "recording" not in genesis


@pytest.mark.long
def test_paper_fills_here_at_the_prices_of_the_venue(site: Site) -> None:
    """Orders never leave the process, money is what is lent, and a restart remembers both."""
    for cycles in (4, 2):
        wanted = site.asked(cycles=cycles)
        lock = acquire_lock(wanted.ledger)
        stream = open_stream(wanted, Sourced(site.policy_set), Mode.PAPER, lock)
        session = RealTimeRun(stream, Approach(loopback(site.venue.rest, site.venue.ca), None))
        ready = session.session()
        assert ready.run(lambda _this: None) == cycles
        site.freeze()
    told = kinds(wanted.ledger)
    assert told[RecordKind.FILLED] > 1
    assert told[RecordKind.GENESIS] == 1
    assert ready.state.genesis_cash == {"USD": 10_000}
    assert ready.state.cash != ready.state.genesis_cash
    assert ready.state.differences == {}
    assert ours_at(site) == []


def test_a_dry_run_decides_and_sends_nothing(site: Site) -> None:
    """It needs no key, and the venue sees no order."""
    session, rounds = go(site, site.asked(mode=Mode.DRY_RUN, cycles=3))
    assert {each.outcome for this in rounds for each in this.orders} == {"would send"}
    assert session.state.cash == {"USD": 10_000}
    assert session.hidden == ()
    assert ours_at(site) == []


def test_recorded_time_and_real_time_do_not_share_a_ledger(site: Site, tmp_path: Path) -> None:
    """The two have other clocks: windows and ages would mean nothing."""
    go(site, site.asked(mode=Mode.DRY_RUN, cycles=1))
    recording = tmp_path / "quotes.csv"
    recording.write_text("ts,symbol,bid,ask\n1767600000000000000,BTC-USD,9,10\n")
    recorded = site.asked(mode=Mode.DRY_RUN, quotes=(recording,), venue=VenueSettings())
    other = replace(recorded, ledger=tmp_path / "other", cycles=1)
    go(site, other)
    for wanted in (recorded, site.asked(mode=Mode.DRY_RUN, ledger=other.ledger)):
        with pytest.raises(MandateError) as caught:
            prepare(wanted, site.policy_set)
        assert [each.code for each in caught.value.diagnostics] == ["M446"]
