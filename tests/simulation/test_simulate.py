"""`simulate`: what it takes, what it tells, what it refuses."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine import MandateError, Terms, simulate
from engine.adapters.system.forgetful_disk import ForgetfulDisk
from engine.model.orders import Mode
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.adapters.recorded import Recording
    from engine.policyset.policyset import PolicySet
    from engine.simulation.stepping import Hearer, Playing

START = UtcTime.parse("2026-01-05T08:00:00Z")
MORNING = START.plus_s(5400)
SHORT = Terms(until=START.plus_s(1800))


@pytest.mark.long
def test_the_same_terms_give_the_same_value(paper: PolicySet, demo: Recording) -> None:
    """Simulating again, beside an event loop too, gives an equal value."""

    async def beside() -> object:
        return simulate(paper, demo, SHORT)

    assert asyncio.run(beside()) == simulate(paper, demo, SHORT)


def test_a_window_begins_and_ends_where_it_says(paper: PolicySet, demo: Recording) -> None:
    """`since` and `until` bound the cycles; what came before is known and not traded."""
    since, until = START.plus_s(600), START.plus_s(1200)
    found = simulate(paper, demo, Terms(since=since, until=until))
    assert (found.first, found.last) == (since, until)
    assert found.cycles == len(found.series.times) == 21
    assert all(each.time >= since for each in found.orders)


def test_equity_is_what_the_account_begins_with(paper: PolicySet, demo: Recording) -> None:
    """`equity` takes the place of the paper venue's loan."""
    found = simulate(paper, demo, Terms(until=START.plus_s(60), equity=Decimal(777)))
    assert found.begun_with == Decimal(777)
    assert found.series.equity[0] == 777.0


REFUSED = {
    "no money": (Terms(equity=Decimal(0)), "M800"),
    "no time": (Terms(since=START, until=START), "M800"),
    "later than all": (Terms(since=UtcTime.parse("2027-01-01T00:00:00Z")), "M801"),
    "earlier than all": (Terms(until=UtcTime.parse("2025-01-01T00:00:00Z")), "M801"),
    "live": (Terms(mode=Mode.LIVE), "M442"),
}


@pytest.mark.parametrize(("terms", "code"), REFUSED.values(), ids=REFUSED)
def test_terms_that_make_no_sense_are_refused(
    terms: Terms, code: str, paper: PolicySet, demo: Recording
) -> None:
    """What nobody can simulate is said with its code."""
    with pytest.raises(MandateError) as caught:
        simulate(paper, demo, terms)
    assert code in [each.code for each in caught.value.diagnostics]


@pytest.mark.long
def test_an_order_takes_its_time(tiny: PolicySet, demo: Recording) -> None:
    """No order is filled earlier than its latency after it was sent; without one, some are."""
    soonest = {}
    for latency in (0.0, 60.0):
        terms = Terms(since=MORNING, until=MORNING.plus_s(1800), latency_s=latency)
        found = simulate(tiny, demo, terms)
        sent = {each.client_order_id: each.time for each in found.sent}
        soonest[latency] = min(f.time.since_s(sent[f.client_order_id]) for f in found.fills)
    assert soonest[0.0] <= 60.0 < soonest[60.0]


def test_a_choice_leaves_cycles_out(tiny: PolicySet, demo: Recording) -> None:
    """Where a prescreen says that a cycle changes nothing, it is not stepped, and is counted."""

    class Even:
        def kept(self, plan: Iterable[UtcTime], hearer: Hearer) -> Iterator[UtcTime]:
            for moment in plan:
                if moment.ns // 60_000_000_000 % 2 == 0:
                    yield moment
                else:
                    hearer.on_quiet(moment)

    def even(playing: Playing) -> Even:
        assert playing.recording is demo
        return Even()

    terms = Terms(until=START.plus_s(600))
    found = simulate(tiny, demo, terms, prescreen=even)
    assert (found.cycles, found.stepped) == (11, 6)


def test_nothing_of_a_simulation_stays_on_a_disk() -> None:
    """Appended bytes are counted and gone; whole files are kept, as a kill switch would be."""
    disk = ForgetfulDisk()
    disk.append("ledger/1", b"12345")
    disk.sync("ledger/1")
    assert (disk.dropped_bytes, disk.names("")) == (5, [])
    with pytest.raises(FileNotFoundError):
        disk.read("ledger/1")
    disk.replace("KILL", b"because")
    disk.truncate("KILL", 2)
    assert (disk.read("KILL"), disk.names("K")) == (b"be", ["KILL"])
    disk.remove("KILL")
    assert disk.names("") == []
