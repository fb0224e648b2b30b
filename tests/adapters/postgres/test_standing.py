"""How a loop stands with its shared ledger: the lease by the monotonic clock, and the lag."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.postgres.standing import SILENT_LOOKS, Standing

LEASE_S = 15.0


class Told:
    """A standing, and a clock in the hand of a test."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.standing = Standing(lambda: self.now_s, LEASE_S)

    def passes(self, seconds: float) -> None:
        """Time goes by, with nothing done in it."""
        self.now_s += seconds

    def succeeds(self, *, whole: bool = True) -> None:
        """An attempt that the server took."""
        began = self.standing.begin()
        self.standing.renewed(began)
        self.standing.done(began, whole=whole)

    def fails(self) -> None:
        """An attempt that found no server."""
        self.standing.begin()
        self.standing.failed("nobody is there")


@pytest.fixture
def told() -> Told:
    """A loop that has just taken the lease."""
    return Told()


def test_a_lease_is_held_until_it_would_have_run_out(told: Told) -> None:
    """Counted from the beginning of the last renewal, on our own clock."""
    told.passes(LEASE_S - 0.1)
    assert told.standing.held
    told.passes(0.1)
    assert not told.standing.held


def test_a_holder_that_was_stopped_holds_nothing_until_the_server_says_so(told: Told) -> None:
    """A process that wakes does not know who came meanwhile; a failed attempt tells it nothing."""
    told.passes(1)
    told.succeeds()
    told.passes(60)
    assert not told.standing.held
    told.fails()
    assert not told.standing.held
    told.passes(1)
    told.fails()
    assert not told.standing.held
    told.succeeds()
    assert told.standing.held


def test_an_outage_that_was_watched_leaves_the_lease_with_its_holder(told: Told) -> None:
    """Nobody gets a lease from a server that is away, so ways out stay open; a stop ends that."""
    for _ in range(100):
        told.passes(0.3)
        told.fails()
    assert told.standing.held
    told.passes(LEASE_S)
    assert not told.standing.held
    told.fails()
    assert not told.standing.held


def test_a_lost_lease_stays_lost(told: Told) -> None:
    """Whatever the server says later."""
    told.standing.lost("another loop has it")
    told.succeeds()
    assert not told.standing.held


def test_the_lag_is_nothing_while_all_is_well(told: Told) -> None:
    """The normal way of a record takes a moment, which is no outage."""
    assert told.standing.lag_s() == 0
    told.passes(0.1)
    assert told.standing.lag_s() == 0
    told.succeeds()
    assert told.standing.lag_s() == 0


@given(st.lists(st.tuples(st.floats(0, 60), st.integers(0, SILENT_LOOKS - 1)), max_size=30))
def test_a_starved_machine_is_no_outage(attempts: list[tuple[float, int]]) -> None:
    """However late we come to ask, and to hear the answer: nobody refused, and nobody was silent.

    Each attempt takes long by the clock, and a few of its looks came before the answer.
    """
    told = Told()
    for seconds, looks in attempts:
        told.passes(seconds)
        began = told.standing.begin()
        for each in range(1, looks + 1):
            told.standing.silent(each)
            told.passes(seconds)
            assert told.standing.lag_s() == 0
        told.standing.done(began, whole=True)
        assert told.standing.lag_s() == 0


def test_a_refusal_is_seen_at_once(told: Told) -> None:
    """A server that was stopped closes the line: the first attempt after that says so."""
    told.succeeds()
    told.passes(0.1)
    told.fails()
    assert told.standing.lag_s() == pytest.approx(0.1)
    told.passes(30)
    assert told.standing.lag_s() > 30


def test_silence_is_counted_in_looks(told: Told) -> None:
    """A server that hangs is behind as soon as we have looked in vain often enough."""
    told.succeeds()
    for looks in range(1, SILENT_LOOKS + 3):
        told.passes(0.1)
        told.standing.silent(looks)
        assert (told.standing.lag_s() > 0) == (looks >= SILENT_LOOKS)
    told.succeeds()
    assert told.standing.lag_s() == 0


def test_a_backlog_is_a_lag(told: Told) -> None:
    """A server that takes less than is written is behind, though no attempt fails."""
    for _ in range(10):
        told.passes(1)
        told.succeeds(whole=False)
    assert told.standing.lag_s() == pytest.approx(10)
    told.succeeds()
    assert told.standing.lag_s() == 0


def test_whoever_may_not_wait_for_ever_is_told(told: Told) -> None:
    """Asked after a stop: it waits for the next attempt, and no longer than it was told to."""
    told.passes(60)
    assert not told.standing.settled(0.01)
    waker = threading.Timer(0.02, told.succeeds)
    waker.start()
    assert told.standing.settled(30)
    waker.join()
    told.passes(60)
    loser = threading.Timer(0.02, lambda: told.standing.lost("another has it"))
    loser.start()
    assert not told.standing.settled(30)
    loser.join()
