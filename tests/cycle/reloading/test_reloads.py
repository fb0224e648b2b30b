"""Reloads: orders are checked beside the loop and settled at a boundary, and nothing is a mix."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from cycle.reloading.other_sets import ANNA, candidate, reloads_of
from fakes.bench import AT_RISK, EAGER, Bench
from fakes.exchange import FakeExchange

from engine.cycle.clockwork import Command
from engine.cycle.loop import Loop
from engine.cycle.reloading.candidate import Candidate, Order, Refusal, Unchanged
from engine.cycle.reloading.reloads import Reloads
from engine.errors import Diagnostic, MandateError
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from engine.cycle.reloading.candidate import Outcome
    from engine.model.market import MarketEvent
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

TIGHT = AT_RISK.format(5)
BAD = Diagnostic("M203", "unknown fact `quote.spred_bps`")
TAMPERED = Diagnostic("M781", "the policy directory makes another set than the one ordered")
HALF_WRITTEN = Diagnostic("M782", "the documents changed while they were read")
UNSIGNED = Diagnostic("M786", "nobody who may has signed it")


def settled(bench: Bench, reloads: Reloads, order: Order = ANNA) -> None:
    """Order, let the check run, and settle."""

    async def history() -> None:
        running = asyncio.create_task(reloads.run())
        assert reloads.order(order) == "ordered"
        for _ in range(5):
            await asyncio.sleep(0)
        running.cancel()

    asyncio.run(history())
    reloads.settle(bench.desk, bench.clock.now())


def refusing(error: Exception) -> Callable[[], Outcome]:
    """A check that raises."""

    def answer() -> Outcome:
        raise error

    return answer


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda: Refusal("ab" * 32, (BAD,)), str(BAD)),
        (refusing(MandateError([BAD, UNSIGNED])), str(BAD)),
        (
            refusing(ZeroDivisionError("a secret")),
            "M788: the check of the set failed",
        ),
    ],
    ids=["a refusal", "a refusal that was raised", "a failure of the check"],
)
def test_a_bad_set_keeps_the_last_good_one(answer: Callable[[], Outcome], told: str) -> None:
    """It is recorded with its findings, it is a fact, and the desk is as it was."""
    bench = Bench()
    before = bench.desk.policy_set, bench.desk.judge
    settled(bench, reloads_of(bench, answer))
    assert (bench.desk.policy_set, bench.desk.judge) == before
    refused = bench.state.reload.refused
    assert refused is not None
    assert refused.findings[0].startswith(told)
    assert "secret" not in str(refused)
    assert bench.round().account["engine.policy_reload_failed"] is True
    assert bench.replayed() == bench.state


@pytest.mark.parametrize("mended", [True, False], ids=["a good set", "the running one is back"])
def test_a_refusal_stands_until_it_is_mended(*, mended: bool) -> None:
    """By a good set, or by the running one in its place again; and by nothing else."""
    bench = Bench()
    settled(bench, reloads_of(bench, lambda: Refusal(None, (BAD,))))
    bench.wait(60)
    assert bench.cycle().account["engine.policy_reload_failed"] is True
    good = reloads_of(bench, lambda: candidate(TIGHT) if mended else Unchanged())
    settled(bench, good)
    assert bench.state.reload.refused is None
    assert bench.round().account["engine.policy_reload_failed"] is False
    assert bench.replayed() == bench.state


def test_where_nothing_was_asked_the_running_set_is_no_news() -> None:
    """The watch says every minute that all is well, and the ledger does not grow by it."""
    bench = Bench()
    reloads = reloads_of(bench, Unchanged)
    reloads.same()
    reloads.settle(bench.desk, bench.clock.now())
    reloads.settle(bench.desk, bench.clock.now())
    assert bench.kinds() == []


def test_an_order_that_changes_nothing_is_answered() -> None:
    """Whoever asked for the set that runs learns that it does."""
    bench = Bench()
    reloads = reloads_of(bench, Unchanged)
    bench.tick(Command("reload", "", "anna", "reviewed"))
    assert bench.state.reload.asked == bench.clock.now()
    settled(bench, reloads)
    assert bench.state.reload.asked is None
    assert bench.bodies(RecordKind.RELOAD)[-1]["outcome"] == "unchanged"
    assert bench.replayed() == bench.state


def test_a_recording_takes_no_other_set() -> None:
    """A run that has one history has one set."""
    bench = Bench()
    bench.tick(Command("reload", "", "anna", "reviewed"))
    told = bench.bodies(RecordKind.OPERATOR_COMMAND)[-1]["outcome"]
    assert told == "refused: a run over a recording has one set from its first cycle to its last"
    assert bench.state.reload.asked is None


def test_followers_are_told_of_a_new_set_once_it_is_in_force() -> None:
    """The timetable, the watch and a paper venue follow the set, and nobody a refused one."""
    bench = Bench()
    outcomes: list[Outcome] = [Refusal(None, (BAD,)), candidate(TIGHT)]
    reloads = reloads_of(bench, lambda: outcomes.pop(0))
    told: list[PolicySet] = []
    reloads.followers.append(told.append)
    settled(bench, reloads)
    assert told == []
    settled(bench, reloads)
    assert told == [bench.desk.policy_set] == [reloads.running]


def test_the_last_order_counts() -> None:
    """A check that was overtaken by another order comes to nothing."""
    bench = Bench()
    gate = asyncio.Event()
    asked: list[str] = []

    async def check(order: Order, _running: PolicySet) -> Outcome:
        asked.append(order.why)
        if order.why == "first":
            await gate.wait()
            return candidate(TIGHT)
        return candidate(EAGER)

    async def history() -> None:
        reloads = Reloads(bench.desk.policy_set, check)
        first = asyncio.create_task(reloads.other("c0ffee"))
        await asyncio.sleep(0)
        running = asyncio.create_task(reloads.run())
        reloads.order(Order("bela", "second"))
        for _ in range(5):
            await asyncio.sleep(0)
        gate.set()
        await first
        reloads.settle(bench.desk, bench.clock.now())
        running.cancel()

    asyncio.run(history())
    assert asked == ["commit c0ffee", "second"]
    assert bench.desk.policy_set.hash == candidate(EAGER).policy_set.hash
    assert bench.bodies(RecordKind.SET_ACTIVATED)[-1]["ordered"]["who"] == "bela"  # type: ignore[index,call-overload]  # a mapping


def test_a_commit_that_was_refused_is_not_tried_again_by_itself() -> None:
    """Until another one, or the running set, was seen; then it may be."""
    bench = Bench()
    tries: list[str] = []

    def answer() -> Outcome:
        tries.append("try")
        return Refusal(None, (BAD,))

    async def history() -> None:
        reloads = reloads_of(bench, answer)

        def settle() -> None:
            reloads.settle(bench.desk, bench.clock.now())

        assert not await reloads.other("c0ffee")
        settle()
        assert not await reloads.other("c0ffee")
        settle()
        assert len(tries) == 1
        assert not await reloads.other("decade")
        assert await reloads.other("decade"), "one that was not settled yet is under way"
        settle()
        reloads.same()
        settle()
        assert not await reloads.other("decade")
        assert len(tries) == 3

    asyncio.run(history())


class Interrupted(FakeExchange):
    """A venue at each of whose calls others have their turn, and a test looks at the desk."""

    strikes: Callable[[], None]
    looks: Callable[[], None]

    async def turn(self) -> None:
        """An await: something may happen, and whoever heard of it goes as far as he can."""
        self.strikes()
        for _ in range(6):
            await asyncio.sleep(0)
        self.looks()


def _interrupting(name: str) -> None:
    """Let a call of the venue be an await in which anything may happen, before and after it."""
    plain = getattr(FakeExchange, name)

    async def call(self: Interrupted, *words: object) -> object:
        await self.turn()
        answer = await plain(self, *words)
        await self.turn()
        return answer

    setattr(Interrupted, name, call)


CALLS = ("submit", "cancel", "open_orders", "order", "fills", "balances", "products", "server_time")
for _name in CALLS:
    if hasattr(FakeExchange, _name):
        _interrupting(_name)


@dataclass
class Walk:
    """Three cycles of an eager set; at one await another set is ordered, and checked at once."""

    at: int
    answer: Callable[[], Outcome]
    passed: int = 0
    ends: list[int] = field(default_factory=list)
    seen: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    bench: Bench = field(default_factory=lambda: Bench((EAGER,)))

    def go(self) -> Walk:
        """Walk."""
        bench, venue = self.bench, self.bench.venue
        venue.__class__ = Interrupted
        assert isinstance(venue, Interrupted)
        reloads = reloads_of(bench, self.answer)

        def strike() -> None:
            self.passed += 1
            if self.passed == self.at:
                reloads.order(ANNA)

        venue.strikes = strike
        venue.looks = lambda: self.seen[bench.state.cycle].add(bench.desk.policy_set.hash)
        loop = Loop(
            desk=bench.desk,
            feed=Nothing(),
            instants=EveryMinute(bench),
            tick_s=None,
            commands=tuple,
            sinks=(),
            tell=lambda _this: self.ends.append(self.passed),
            beside=(reloads.run,),
        )
        asyncio.run(loop.run(3))
        return self

    @property
    def stamps(self) -> list[str]:
        """The one set that stands on all records of each cycle."""
        found: list[set[str]] = [set()]
        kinds = RecordKind.DECISION, RecordKind.INTENT, RecordKind.CYCLE
        for body in self.bench.bodies(*kinds)[1:]:
            found[-1].add(str(body["policy_set"]))
            if "universe" in body:
                found.append(set())
        assert all(len(each) == 1 for each in found[:-1]), found
        return [next(iter(each)) for each in found[:-1]]


class Nothing:
    """A feed that tells nothing."""

    async def events(self) -> AsyncIterator[MarketEvent]:
        """Never one."""
        await asyncio.Event().wait()
        yield  # type: ignore[misc]  # never reached


@dataclass
class EveryMinute:
    """Cycles a minute apart, the market shown anew."""

    bench: Bench

    async def instants(self) -> AsyncIterator[UtcTime]:
        """For ever."""
        while True:
            self.bench.wait(60)
            # Between two cycles others have their turn too.
            for _ in range(6):
                await asyncio.sleep(0)
            yield self.bench.clock.now()


PLAIN = Walk(0, Unchanged).go()
OUTCOMES: dict[str, Callable[[], Outcome]] = {
    "good": lambda: candidate(TIGHT, EAGER),
    "bad": lambda: Refusal(None, (BAD,)),
    "tampered": lambda: Refusal("cd" * 32, (TAMPERED,)),
    "half-written": lambda: Refusal("ef" * 32, (HALF_WRITTEN,)),
    "unsigned": lambda: Refusal("ab" * 32, (UNSIGNED,)),
    "the same": Unchanged,
}


# To the loop a refusal is a refusal: that of each sort is walked by night.
BY_DAY = {"good", "bad", "the same"}


@pytest.mark.parametrize(
    "what",
    [pytest.param(w, marks=() if w in BY_DAY else pytest.mark.nightly) for w in OUTCOMES],
)
def test_no_cycle_sees_a_mix(what: str) -> None:
    """Whatever is ordered at whichever await of a cycle, it ends under the set that it began with.

    A good set is in force from the next boundary on, and no other ever is.
    """
    outcome, old = OUTCOMES[what](), PLAIN.bench.policy_set.hash
    assert PLAIN.ends[0] > 5
    for at in range(1, PLAIN.ends[1 if what == "good" else 0] + 1):
        walk = Walk(at, lambda: outcome).go()
        assert all(len(each) == 1 for each in walk.seen.values()), at
        began = sum(at > end for end in walk.ends)
        new = outcome.policy_set.hash if isinstance(outcome, Candidate) else old
        assert walk.stamps == [*[old] * (began + 1), *[new] * (2 - began)], at
        assert walk.bench.replayed() == walk.bench.state


def test_what_was_rolled_back_is_another_activation() -> None:
    """The old set in force again: a third record, its prefix ours as before, and no new set."""
    bench = Bench()
    first = bench.state.policy_set
    settled(bench, reloads_of(bench, lambda: candidate(TIGHT)))
    settled(bench, reloads_of(bench, candidate))
    told = [each["policy_set"] for each in bench.bodies(RecordKind.SET_ACTIVATED)]
    assert told == [first, candidate(TIGHT).policy_set.hash, first]
    assert bench.state.activated == told[:2]
    assert bench.bodies(RecordKind.SET_ACTIVATED)[-1]["before"] == told[1]
