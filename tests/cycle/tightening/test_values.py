"""Values tightened for a while: taken and given back at a boundary, over restarts, under others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from cycle.reloading.other_sets import ANNA, FROM
from fakes.bench import AT_RISK, MANY, Bench, bench_set, buy

from engine.cycle.clockwork import Command
from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.rejudge import rejudge
from engine.cycle.reloading.candidate import Candidate
from engine.cycle.reloading.reloads import Reloads
from engine.cycle.tightening.values import TightenedValues
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind
from engine.ledger.tightenings import Wanted, wanted_of
from engine.model.orders import Mode
from engine.run.tightening import RESTS, laid, laid_again, make_of, tightened

if TYPE_CHECKING:
    from engine.cycle.reloading.candidate import Order, Outcome
    from engine.cycle.tightening.making import Made, Wish
    from engine.ledger.bodies import Body
    from engine.policyset.policyset import PolicySet

LIMIT = AT_RISK.format(90)
HOUR = 3600
LESS = Wanted("RiskLimit/max_total_at_risk", "params.max_at_risk_pct", "0.5", HOUR)
FEWER = Wanted("RiskLimit/max_new_positions", "params.max_count", "50", HOUR)
RENAMED = MANY.replace("max_count", "max_many_count")
MORE = Wanted("RiskLimit/max_total_at_risk", "params.max_at_risk_pct", "95", HOUR)


class Night(Bench):
    """A bench whose desk lays values over its set, as a run in real time does."""

    def tightening(self) -> TightenedValues:
        """Let people tighten values."""

        async def check(_order: Order, _running: PolicySet) -> Outcome:
            raise AssertionError

        self.desk.reloads = Reloads(self.desk.policy_set, check)
        made = TightenedValues(self.desk, self.desk.reloads, make_of(self.desk))
        self.desk.tightened = made
        return made

    def order(self, wanted: Wanted, why: str = "news") -> str:
        """A person's order, and what came of it at once."""
        self.tick(Command("tighten", wanted.text, "anna", why))
        return str(self.bodies(RecordKind.OPERATOR_COMMAND)[-1]["outcome"])

    def boundary(self) -> None:
        """Whatever there is to be made is made, and settled as at a cycle's boundary."""
        assert self.desk.tightened is not None
        asyncio.run(self.desk.tightened.look())
        self.desk.tightened.settle(self.clock.now())

    def told(self) -> list[str]:
        """What people were told."""
        return [str(each["text"]) for each in self.bodies(RecordKind.MESSAGE)]


@pytest.fixture
def night() -> Night:
    """A desk under a limit of 90 % at risk."""
    bench = Night((LIMIT,))
    bench.tightening()
    return bench


def test_it_is_in_force_until_its_time_is_over(night: Night) -> None:
    """The set with it judges, is stamped on orders and re-judged; then the reviewed one does."""
    reviewed = night.desk.policy_set.hash
    until = night.clock.now().plus_s(HOUR)
    assert night.order(LESS) == "ordered"
    assert night.desk.policy_set.hash == reviewed, "nothing happens before a boundary"
    night.boundary()
    tight = night.desk.policy_set.hash
    assert tight == tightened(bench_set(LIMIT), LESS).hash != reviewed
    assert (night.state.policy_set, night.state.reviewed) == (tight, reviewed)
    told = night.place(buy())
    assert told.decision.quantity < buy().value / 20_000  # type: ignore[operator]  # both are there
    night.wait(HOUR - 1)
    night.boundary()
    assert night.desk.policy_set.hash == tight
    night.wait(1)
    night.boundary()
    assert (night.state.policy_set, night.state.reviewed) == (reviewed, reviewed)
    assert night.state.tightenings.held == ()
    assert night.told() == [
        f"tightening 1 ({LESS.words}, by anna: news) is in force until {until}",
        f"tightening 1 ({LESS.words}, by anna: news) is over: the reviewed value is in force again",
    ]
    activated = night.bodies(RecordKind.SET_ACTIVATED)
    assert [each["policy_set"] for each in activated[-2:]] == [tight, reviewed]
    assert [each["comparison"]["permission"] for each in activated[-2:]] == ["NOT_LOOSER", "LOOSER"]  # type: ignore[index,call-overload]  # mappings
    stamps = {each["policy_set"] for each in night.bodies(RecordKind.DECISION)}
    assert stamps == {tight}
    assert rejudge(Journal.open(night.disk).records()).agrees
    assert night.replayed() == night.state


def test_what_is_looser_is_refused_and_told(night: Night) -> None:
    """The check is the loop's own: a command file that somebody wrote by hand loosens nothing."""
    before = night.desk.policy_set
    night.order(MORE)
    night.boundary()
    assert night.desk.policy_set is before
    assert night.state.tightenings.asked == {}
    (refused,) = night.state.tightenings.refused
    assert refused.findings[0].startswith("M930: RiskLimit/max_total_at_risk")
    assert "is refused: RiskLimit/max_total_at_risk" in night.told()[0]
    assert night.replayed() == night.state


@pytest.mark.long
def test_orders_are_checked_one_after_the_other(night: Night) -> None:
    """Each against the set before it: the second cannot loosen what the first one tightened."""
    night.order(LESS)
    night.order(Wanted(LESS.document, LESS.path, "30", HOUR))
    night.boundary()
    assert [each.number for each in night.state.tightenings.held] == [1]
    assert [each.ordered.number for each in night.state.tightenings.refused] == [2]


@pytest.mark.long
def test_a_restart_goes_on_with_it_and_ends_it_late(night: Night) -> None:
    """What was proved needs no second proof; what ended meanwhile is not laid again."""
    night.order(LESS)
    night.boundary()
    reviewed, state = bench_set(LIMIT), night.replayed()
    again = laid_again(reviewed, state, night.clock.now())
    assert again.policy_set.hash == state.policy_set
    assert tuple(again.held) == state.tightenings.held
    late = laid_again(reviewed, state, night.clock.now().plus_s(HOUR))
    assert (late.policy_set.hash, late.held) == (reviewed.hash, [])


def test_an_order_that_a_process_died_over_waits_in_the_ledger(night: Night) -> None:
    """Its file is gone, and its record is there: the next process checks it."""
    night.order(LESS)
    state = night.replayed()
    assert [each.wanted for each in state.tightenings.asked.values()] == [LESS]
    night.wait(HOUR)
    night.boundary()
    assert night.state.tightenings.asked == {}
    assert night.state.tightenings.refused[0].findings[0].startswith("M932: its time was over")


@pytest.mark.long
def test_under_another_reviewed_set(night: Night) -> None:
    """It lies over it, or rests where that is as tight by itself."""
    night.order(LESS)
    night.boundary()
    held = night.state.tightenings.held
    other = laid(bench_set(AT_RISK.format(60)), held)
    assert other.policy_set.hash == night.desk.policy_set.hash
    assert [each.rests for each in other.held] == [None]
    tight = laid(bench_set(AT_RISK.format("0.25")), held)
    assert tight.policy_set.hash == tight.reviewed.hash
    assert [each.rests for each in tight.held] == [RESTS]


@pytest.mark.long
def test_what_fits_no_more_becomes_no_new_risk(night: Night) -> None:
    """Doubt never loosens: until its time is over nothing is entered at all."""
    night.order(FEWER)
    night.boundary()
    (held,) = night.state.tightenings.held
    night.order(Wanted("Schedule/none", "interval", "30s", 1))
    assert night.desk.reloads is not None
    night.desk.reloads.running = bench_set(LIMIT, RENAMED)
    night.boundary()
    (latch,) = night.state.latches.values()
    assert (latch.breaker, latch.resets_at) == ("tightened", held.until)
    assert "M151" in str(laid(bench_set(LIMIT, RENAMED), (held,)).unfit)
    assert night.desk.policy_set.hash == night.desk.reloads.running.hash
    assert "cannot be laid over the set in force" in "".join(night.told())
    assert night.replayed() == night.state


@pytest.mark.long
def test_a_reload_that_was_made_without_it_is_made_anew(night: Night) -> None:
    """A set that was checked before a value was tightened would take it back."""
    found = bench_set(AT_RISK.format(60))
    stale = Candidate(found, Programme(found, Mode.PAPER), Judge(found, Mode.PAPER), FROM)
    night.order(LESS)
    night.boundary()
    reloads = night.desk.reloads
    assert reloads is not None
    reloads._settling = ANNA, stale  # as a check that ended before
    reloads.settle(night.desk, night.clock.now())
    assert night.desk.policy_set.hash != found.hash
    assert reloads._ordered == ANNA


def test_a_failing_check_refuses_and_the_loop_goes_on(night: Night) -> None:
    """A fault of ours says nothing about a value: it is not taken, and nothing of it is shown."""

    def fails(_wish: Wish) -> Made:
        message = "a secret"
        raise ZeroDivisionError(message)

    assert night.desk.tightened is not None
    night.desk.tightened.make = fails
    night.order(LESS)
    night.boundary()
    assert night.state.tightenings.refused[0].findings[0].startswith("M788: the check of the value")
    assert "secret" not in str(night.state.tightenings)
    assert night.cycle().number == night.state.cycle


def test_there_are_not_too_many() -> None:
    """Each is proved anew whenever one of them ends."""
    night = Night((LIMIT,))
    night.tightening()
    for number in range(20):
        assert night.order(LESS, str(number)) == "ordered"
    assert night.order(LESS) == "refused: 20 values are tightened already"


def test_a_recording_has_one_set() -> None:
    """From its first cycle to its last."""
    night = Night((LIMIT,))
    told = "refused: a run over a recording has one set from its first cycle to its last"
    assert night.order(LESS) == told


WRONG: dict[str, Body | str] = {
    "no JSON": "RiskLimit/max_position 60",
    "another mapping": '{"document":"a"}',
    "a list": "[1]",
    "no whole seconds": '{"document":"a","path":"b","seconds":true,"value":"1"}',
    "no seconds": '{"document":"a","path":"b","seconds":0,"value":"1"}',
    "a number for a value": '{"document":"a","path":"b","seconds":1,"value":1}',
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_what_is_no_order_is_none(text: str) -> None:
    """A text that a person wrote by hand is an order or nothing."""
    assert wanted_of(text) is None
    assert wanted_of(LESS.text) == LESS
