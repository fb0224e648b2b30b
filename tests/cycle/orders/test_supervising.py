"""Supervision: a person says yes to each order that adds risk, and to no way out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.bench import BTC, IDLE, Bench, buy, done, sell
from fakes.deployments import deployment
from hypothesis import given
from hypothesis import strategies as st
from policyset.sets import composed, documents

from engine.cycle.clockwork import Command
from engine.cycle.orders.sending import Wish, place
from engine.cycle.orders.supervising import permit, unasked
from engine.kinds.deployment.trust import Shown
from engine.ledger.records import RecordKind
from engine.model.decisions import ReasonCode
from engine.model.notices import News
from engine.model.orders import Intent, Mode
from engine.model.supervision import Answer

if TYPE_CHECKING:
    from engine.cycle.desk import Round, Told

ASKED = deployment(mode="paper", modes="[paper, live]")
MINUTE = 60


def asking(mode: Mode = Mode.PAPER, *, attended: bool = True) -> Bench:
    """A desk in stage supervised, in real time."""
    bench = Bench((ASKED,), mode)
    bench.desk.attended = attended
    return bench


def wish(bench: Bench, asked: Wish | None = None) -> tuple[Round, Told | None]:
    """Ask for an order in a cycle of its own."""
    this = bench.round()
    return this, done(place(bench.desk, this, asked or buy()))


def say(bench: Bench, verb: str, number: int = 1) -> str:
    """A person answers; what came of it."""
    bench.tick(Command(verb, str(number), "ann", "looked at it"))
    return str(bench.bodies(RecordKind.OPERATOR_COMMAND)[-1]["outcome"])


def test_an_entry_waits_for_a_yes() -> None:
    """An entry that the rules allow is asked about first: nothing is intended, nothing waits."""
    bench = asking()
    this, told = wish(bench)
    assert (told, bench.venue.received) == (None, [])
    assert bench.kinds() == ["asked"]
    ask = bench.state.asks[1]
    assert ask.open
    assert (ask.symbol, ask.intent, ask.strategy) == (BTC, Intent.ENTRY, "tight_spread")
    assert ask.until == bench.clock.now().plus_s(180)
    assert ask.most <= Decimal(100)
    assert "`trader approve 1` within 3m" in this.notes[0]
    assert this.blockers[BTC].code is ReasonCode.NOT_AGREED
    assert bench.replayed().asks == bench.state.asks


def test_somebody_is_told_that_an_order_waits() -> None:
    """The question is a notice on the route that the Deployment names, once, in real time."""
    bench = asking()
    bench.desk.posts = True
    wish(bench)
    (notice,) = bench.state.telling.waiting.values()
    assert (notice.news, notice.route, notice.name) == (News.ASKED, "desk", f"order:{BTC}")
    assert "`trader approve 1`" in notice.text
    bench.wait(MINUTE)
    wish(bench)
    assert len(bench.state.telling.waiting) == 1


@pytest.mark.parametrize("longer", ["unchanged", "quiet"])
def test_a_part_is_not_longer_than_the_whole(longer: str) -> None:
    """What is a part of the time that it ran cannot be longer."""
    terms = {"ran": "2h", "unchanged": "1h", "quiet": "1h", "fills": 2}
    assert Shown.model_validate(terms).fills == 2
    with pytest.raises(ValueError, match=f"`{longer}` is a part of `ran`"):
        Shown.model_validate({**terms, longer: "3h"})


def test_a_question_is_put_once() -> None:
    """While somebody is asked, the same wish in the next cycle is not another question."""
    bench = asking()
    wish(bench)
    bench.wait(MINUTE)
    this, told = wish(bench)
    assert (told, bench.kinds()) == (None, ["asked"])
    assert dict(this.blockers[BTC].values)["ask"] == "1"


def test_a_yes_lets_one_order_go() -> None:
    """After a yes the order is judged anew and sent; who agreed stands on its intent."""
    bench = asking()
    wish(bench)
    bench.wait(MINUTE)
    assert say(bench, "approve") == "yes to order 1: it goes in the next cycle that still wants it"
    _, told = wish(bench)
    assert told is not None
    assert told.outcome == "sent"
    intent = bench.bodies(RecordKind.INTENT)[0]
    assert (intent["ask"], intent["agreed_by"]) == (1, "ann")
    assert bench.state.asks[1].orders == (1,)
    answered = bench.bodies(RecordKind.ANSWERED)[0]
    assert (answered["answer"], answered["who"]) == ("yes", "ann")
    assert bench.replayed().asks == bench.state.asks


def test_a_yes_is_for_one_order_and_what_goes_on_with_it() -> None:
    """A second order of the same kind is a second question; the next rung of the first is none."""
    bench = asking()
    wish(bench)
    say(bench, "approve")
    sent = bench.place(buy()).intent
    assert permit(bench.desk, bench.round(), sent).ask_first
    child = permit(bench.desk, bench.round(), replace(sent, parent=sent.number))
    assert child.agreed is bench.state.asks[1]
    stranger = permit(bench.desk, bench.round(), replace(sent, parent=sent.number + 7))
    assert stranger.ask_first
    dearer = replace(sent, parent=sent.number, worst_price=sent.worst_price * 2)
    assert permit(bench.desk, bench.round(), dearer).ask_first


def test_a_dearer_order_is_asked_anew() -> None:
    """Further away than `price_move_bps` a yes means nothing."""
    bench = asking()
    wish(bench)
    say(bench, "approve")
    bench.quote(BTC, "20040", "20044")
    assert wish(bench)[1] is not None
    bench = asking()
    wish(bench)
    say(bench, "approve")
    bench.quote(BTC, "20100", "20104")
    assert wish(bench)[1] is None
    assert bench.state.asks[2].open


@given(st.integers(20, 400))
def test_no_order_is_larger_than_agreed(value: int) -> None:
    """Whatever is wished for by then, no more is bought than a person said yes to."""
    bench = asking()
    wish(bench, buy(value="100"))
    agreed = bench.state.asks[1].quantity
    say(bench, "approve")
    _, told = wish(bench, buy(value=str(value)))
    assert told is not None
    assert told.decision.quantity <= agreed


def test_a_no_holds_for_its_time() -> None:
    """After a no the same is not asked for `asked_again_after`, and then it is."""
    bench = asking()
    wish(bench)
    assert say(bench, "refuse") == "no to order 1: it does not go"
    this, told = wish(bench)
    assert told is None
    assert "ann said no" in str(this.blockers[BTC])
    bench.wait(30 * MINUTE)
    wish(bench)
    assert bench.state.asks[2].open
    assert 1 not in bench.state.asks


def test_silence_is_a_no() -> None:
    """Who says nothing in time has said no, and it is on record."""
    bench = asking()
    wish(bench)
    bench.wait(180)
    bench.tick()
    said = bench.bodies(RecordKind.ANSWERED)[0]
    assert (said["answer"], said["who"]) == (Answer.SILENCE.value, "nobody")
    this, told = wish(bench)
    assert told is None
    assert "nobody answered" in str(this.blockers[BTC])
    assert "was to be answered until" in say(bench, "approve")


def test_a_yes_is_good_until_its_time() -> None:
    """A yes that no order went under in time is asked for again."""
    bench = asking()
    wish(bench)
    say(bench, "approve")
    bench.wait(200)
    assert wish(bench)[1] is None
    assert bench.state.next_ask == 3


def test_a_yes_may_be_taken_back() -> None:
    """Until an order went under it; afterwards a no is told to be late."""
    bench = asking()
    wish(bench)
    say(bench, "approve")
    assert say(bench, "refuse") == "no to order 1: it does not go"
    assert wish(bench)[1] is None
    bench = asking()
    wish(bench)
    say(bench, "approve")
    wish(bench)
    assert say(bench, "refuse") == "refused: ann said yes to order 1 already"


@pytest.mark.parametrize("target", ["7", "x", "-1", ""])
def test_an_answer_is_about_a_question(target: str) -> None:
    """A number that nobody was asked about is refused in words."""
    bench = asking()
    wish(bench)
    bench.tick(Command("approve", target, "ann", "why"))
    outcome = bench.bodies(RecordKind.OPERATOR_COMMAND)[-1]["outcome"]
    assert outcome == f"refused: nobody was asked about order `{target}`"


@pytest.mark.parametrize("ladder", ["exit", "exit_stop"])
def test_a_way_out_is_never_asked_about(ladder: str) -> None:
    """An exit goes while nobody answers, whatever waits beside it."""
    bench = asking()
    wish(bench)
    say(bench, "approve")
    held = bench.hold()
    bench.wait(200)
    wish(bench)
    assert bench.place(sell(BTC, held, ladder)).outcome == "sent"


def test_what_the_rules_deny_is_not_asked_about() -> None:
    """A person is not asked about what may not leave in any case."""
    bench = asking()
    bench.clock.passes(6)
    told = bench.place(buy())
    assert told.outcome == "denied"
    assert bench.state.asks == {}


def test_in_recorded_time_nobody_is_asked() -> None:
    """A recording has nobody to ask, and no order that leaves."""
    bench = asking(attended=False)
    assert bench.place(buy()).outcome == "sent"


def test_other_stages_and_modes_ask_nobody() -> None:
    """Only in the stage and the modes that the Deployment names."""
    for text in (
        deployment(mode="paper", stage="canary"),
        deployment(mode="paper", modes="[live]"),
    ):
        bench = Bench((text,))
        bench.desk.attended = True
        assert bench.place(buy()).outcome == "sent"


def test_a_live_set_that_does_not_say_how_enters_nothing() -> None:
    """Fail closed: in stage supervised and live, without terms, no entry goes."""
    bench = Bench((deployment(mode="live", more=""),), Mode.LIVE)
    bench.desk.attended = True
    this, told = wish(bench)
    assert told is None
    assert "does not say how" in str(this.blockers[BTC])
    bare = composed(documents("live")).deployment.model_copy(update={"supervision": None})
    assert unasked(bare, Mode.LIVE)
    assert not unasked(bare, Mode.PAPER)


def test_a_yes_under_another_set_means_nothing() -> None:
    """A question belongs to the set that it was put under."""
    bench = asking()
    wish(bench)
    say(bench, "approve")
    other = Bench((ASKED, IDLE.replace("at_risk_pct: 90", "at_risk_pct: 80")))
    bench.desk.policy_set = other.policy_set
    this = bench.round()
    assert done(place(bench.desk, this, buy())) is None
    assert bench.state.asks[2].policy_set == other.policy_set.hash
