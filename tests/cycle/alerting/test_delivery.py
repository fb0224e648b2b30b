"""Delivery: what the ledger says is to be told reaches its route, whatever happens in between."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import DEPLOYMENT, alert
from cycle.trading_desk import BTC, ETH, Bench, bench, done

from engine.cycle.alerting import hands, telling
from engine.cycle.alerting.delivery import Delivery
from engine.cycle.records.recorder import Recorder
from engine.cycle.records.recovery import recover
from engine.cycle.steps import alerts
from engine.ledger.chain import LedgerUnavailable
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.notices import Notice, Sender

WIDE = "quote.spread_bps > 50"
ROUTES = f"""{DEPLOYMENT}
  alerting:
    routes:
      desk: {{through: log, escalates_to: pager}}
      pager: {{through: alertmanager, secret: PAGER, timeout: 5s, resend: 1m}}
    look_every: 2s
    group: {{wait: 1s, lines: 20}}
    retry: {{first: 2s, most: 5s}}
    give_up_after: 60s
    test_every: 1d
"""


TWO = (("a", "desk"), ("b", "pager"))


@dataclass
class Mailbox:
    """A notifier that keeps what arrived; `down` are routes that take nothing, and why."""

    down: dict[str, str] = field(default_factory=dict)
    got: list[tuple[str, list[str]]] = field(default_factory=list)
    asked: int = 0
    hung: set[str] = field(default_factory=set)

    async def deliver(self, route: str, notices: Sequence[Notice], sender: Sender) -> str | None:
        """Keep one message."""
        assert len(sender.policy_set) == 64
        self.asked += 1
        if route in self.hung:
            await asyncio.Event().wait()
        if route in self.down:
            return self.down[route]
        self.got.append((route, [f"{each.name} {each.news.value}" for each in notices]))
        return None


@dataclass
class Post:
    """A desk whose alerts are posted, and the delivery of them, whose time a test moves."""

    made: Bench
    box: Mailbox = field(default_factory=Mailbox)
    delivery: Delivery = field(init=False)

    def __post_init__(self) -> None:
        self.made.desk.posts = True
        self.delivery = Delivery(self.made.desk, self.box)

    def cycle(self, *, holds: bool, symbols: tuple = (BTC,)) -> None:
        """One cycle's alerts."""
        for symbol in symbols:
            self.made.quote(symbol, *(("99", "101") if holds else ("99.95", "100.05")))
        done(alerts.run(self.made.desk, self.made.round()))

    def later(self, seconds: float) -> None:
        """Let time pass, by both clocks."""
        self.made.wait(seconds)
        self.made.desk.clock.advance(seconds)

    async def look(self, later_s: float = 0.0) -> None:
        """One look of the delivery, so much later, and what it began carried out."""
        self.later(later_s)
        self.delivery.look()
        for _ in range(5):
            await asyncio.sleep(0)

    @property
    def waiting(self) -> int:
        """How many notices wait."""
        return len(self.made.state.telling.waiting)

    def outcomes(self) -> list[str]:
        """What the ledger says became of notices."""
        records = [each for each in self.made.journal.records() if each.kind is RecordKind.NOTICE]
        return [str(each.fields()["outcome"]) for each in records]


def post(**spec: str) -> Post:
    """A desk with one alert about wide spreads."""
    return Post(bench(ROUTES, alert("wide", WIDE, scope="symbol", **spec)))


def test_alerts_of_one_moment_are_one_message() -> None:
    """The first waits for others, they are told together, and the ledger says that they arrived."""

    async def story() -> None:
        made = post()
        made.cycle(holds=True, symbols=(BTC, ETH))
        await made.look()
        assert made.box.got == []
        await made.look(1)
        assert made.box.got == [("desk", ["wide:BTC-USD firing", "wide:ETH-USD firing"])]
        assert (made.waiting, made.outcomes()) == (0, ["delivered"])
        await made.look(10)
        assert len(made.box.got) == 1

    asyncio.run(story())


def test_what_does_not_arrive_is_tried_again_and_again_less_often() -> None:
    """After 2 s, then 4, then 5 at most; the notice waits until it arrives."""

    async def story() -> None:
        made = post()
        made.box.down["desk"] = "refused"
        made.cycle(holds=True)
        await made.look(1)
        tries = []
        for _ in range(20):
            before = made.box.asked
            await made.look(1)
            tries.append(made.box.asked - before)
        assert [at for at, tried in enumerate(tries, 1) if tried] == [2, 6, 11, 16]
        made.box.down.clear()
        await made.look(5)
        assert made.box.got == [("desk", ["wide:BTC-USD firing"])]
        assert (made.waiting, made.outcomes()) == (0, ["delivered"])

    asyncio.run(story())


def test_what_never_arrives_is_a_dead_letter_and_goes_to_the_next_route() -> None:
    """After `give_up_after` it is recorded as dead with its reason, and escalated at once."""

    async def story() -> None:
        made = post()
        made.box.down["desk"] = "the door is shut"
        made.cycle(holds=True)
        await made.look(1)
        await made.look(60)
        telling_ = made.made.state.telling
        assert (telling_.dead_count, telling_.dead[0].why) == (1, "the door is shut")
        assert made.made.state.alerts["wide", "BTC-USD"].escalated
        await made.look(1)
        assert ("pager", ["wide:BTC-USD escalated"]) in made.box.got
        assert made.outcomes() == ["dead", "delivered"]

    asyncio.run(story())


def test_what_was_not_delivered_waits_over_a_restart() -> None:
    """Another process over the same ledger delivers it."""

    async def story() -> None:
        made = post()
        made.box.down["desk"] = "down"
        made.cycle(holds=True)
        await made.look(1)
        made.made.desk.recorder.sync()
        journal = Journal.open(made.made.disk)
        made.made.desk.recorder = Recorder(journal, recover(journal.records()).state)
        again = Mailbox()
        made.delivery, made.box = Delivery(made.made.desk, again), again
        await made.look(1)
        assert ("desk", ["wide:BTC-USD firing"]) in again.got

    asyncio.run(story())


def test_a_route_that_hangs_delays_no_other() -> None:
    """Each route has its own pace."""

    async def story() -> None:
        made = Post(
            bench(
                ROUTES,
                alert("a", WIDE, scope="symbol"),
                alert("b", WIDE, scope="symbol", route="pager"),
            )
        )
        made.box.hung.add("desk")
        await made.look()
        made.cycle(holds=True)
        await made.look(1)
        await made.look(1)
        assert made.box.got == [("pager", ["b:BTC-USD firing"])]
        assert made.waiting == 1

    asyncio.run(story())


def test_an_alertmanager_hears_again_of_what_still_fires() -> None:
    """It would take silence for the end; nothing of that is recorded, and the end stops it."""

    async def story() -> None:
        made = post(route="pager", dedupe="1s")
        made.cycle(holds=True)
        await made.look(1)
        await made.look(60)
        await made.look(60)
        assert [told for _, told in made.box.got] == [["wide:BTC-USD firing"]] * 3
        assert made.outcomes() == ["delivered"]
        made.cycle(holds=False)
        await made.look(1)
        await made.look(60)
        assert made.box.got[3:] == [("pager", ["wide:BTC-USD resolved"])]

    asyncio.run(story())


def test_whoever_was_told_that_it_fires_is_told_that_it_is_over() -> None:
    """An escalated alert ends on both of its routes."""

    async def story() -> None:
        made = post(escalate_after="2m")
        made.cycle(holds=True)
        await made.look(1)
        made.later(120)
        telling.keep_up(made.made.desk, made.made.now)
        await made.look(1)
        assert made.box.got[-1] == ("pager", ["wide:BTC-USD escalated"])
        made.later(60)
        made.cycle(holds=False)
        made.box.got.clear()
        await made.look(1)
        assert sorted(made.box.got) == [
            ("desk", ["wide:BTC-USD resolved"]),
            ("pager", ["wide:BTC-USD resolved"]),
        ]

    asyncio.run(story())


def test_what_somebody_has_seen_does_not_escalate_until_it_comes_again() -> None:
    """An acknowledgement is of one alert, and over with it."""
    made = post(escalate_after="2m", dedupe="1s")
    desk = made.made.desk
    made.cycle(holds=True)
    said = hands.acknowledge(desk, made.made.now, "wide", who="ann", why="on it")
    assert said == "acknowledged wide:BTC-USD"
    made.later(600)
    telling.keep_up(desk, made.made.now)
    assert not made.made.state.alerts["wide", "BTC-USD"].escalated
    made.cycle(holds=False)
    made.later(60)
    made.cycle(holds=True)
    made.later(120)
    telling.keep_up(desk, made.made.now)
    assert made.made.state.alerts["wide", "BTC-USD"].escalated


def test_what_is_silenced_is_recorded_and_told_when_it_still_fires_then() -> None:
    """Nothing is lost by a silence but its noise."""
    made = post(dedupe="1s", escalate_after="2m")
    desk = made.made.desk
    said = hands.silence(desk, made.made.now, "wide 600", who="ann", why="maintenance")
    assert said == "silence 1: nobody is told of `wide` for 10m, until 2026-03-02T12:10:00Z"
    made.cycle(holds=True)
    made.later(300)
    telling.keep_up(desk, made.made.now)
    assert made.made.state.alerts["wide", "BTC-USD"].fires
    assert made.waiting == 0
    made.later(300)
    telling.keep_up(desk, made.made.now)
    assert [each.news.value for each in made.made.state.telling.waiting.values()] == ["firing"]


def test_the_end_of_a_run_delivers_what_waits_and_says_that_it_failed() -> None:
    """Gathering and pauses are over then; a failure goes to whom critical alerts go to."""

    async def story() -> None:
        made = post(severity="critical")
        made.cycle(holds=True)
        await made.delivery.last_act("halted: KeyError in step")
        assert ("desk", ["wide:BTC-USD firing"]) in made.box.got
        assert ("desk", ["engine_stopped firing"]) in made.box.got
        assert made.waiting == 0

    asyncio.run(story())


def test_a_ledger_that_fails_keeps_no_message_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the disk is full is what a person must hear: he hears it first, records come after."""

    async def story() -> None:
        made = post()
        made.cycle(holds=True)

        def fails() -> None:
            raise LedgerUnavailable([])

        monkeypatch.setattr(made.made.desk.recorder, "sync", fails)
        await made.look(1)
        assert made.box.got == [("desk", ["wide:BTC-USD firing"])]

    asyncio.run(story())


def test_a_test_goes_the_way_of_every_alert() -> None:
    """What arrived is kept as the route's answer, and so is why another did not."""

    async def story() -> None:
        made = post()
        made.box.down["pager"] = "401"
        said = hands.try_routes(made.made.desk, made.made.now, "", who="ann", why="new keys")
        assert said == "a test goes to desk, pager"
        await made.look(1)
        assert made.box.got == [("desk", ["route test"])]
        assert made.made.state.telling.tests["desk"].refused is None
        await made.look(60)
        assert made.made.state.telling.tests["pager"].refused == "401"

    asyncio.run(story())


REFUSED = {
    "an alert that does not fire": (hands.acknowledge, "wide", "refused: `wide` does not fire"),
    "nothing at all": (hands.acknowledge, "--all", "refused: nothing fires"),
    "a silence of no rule": (hands.silence, "wied 60", "refused: the set has no alert `wied`"),
    "a silence without a time": (hands.silence, "wide 0", "refused: `0` is no number of seconds"),
    "a silence of what is no product": (
        hands.silence,
        "wide:a-b-c 60",
        "refused: `a-b-c` is not the name of a product",
    ),
    "a silence of a product, of an alert about the account": (
        hands.silence,
        "thrown:BTC-USD 60",
        "refused: `thrown` is about the account, and has no products",
    ),
    "the end of no silence": (hands.unsilence, "7", "refused: there is no silence 7"),
    "a test of no route": (
        hands.try_routes,
        "pagre",
        "refused: the set has no route `pagre`; it has desk, log, pager",
    ),
}


@pytest.mark.parametrize(("hand", "target", "words"), REFUSED.values(), ids=REFUSED)
def test_a_hand_refuses_what_there_is_not(hand: object, target: str, words: str) -> None:
    """In words, and without a record."""
    made = Post(
        bench(ROUTES, alert("wide", WIDE, scope="symbol"), alert("thrown", "engine.kill_switch"))
    ).made
    before = made.journal.last
    assert hand(made.desk, made.now, target, who="ann", why="x") == words  # type: ignore[operator]  # a row's function
    assert made.journal.last == before


def test_a_silence_ends_when_a_person_says_so() -> None:
    """And a second acknowledgement of the same is refused."""
    made = post().made
    hands.silence(made.desk, made.now, "wide:BTC-USD 600", who="ann", why="x")
    assert made.state.telling.silenced(("wide", "BTC-USD"), made.now) is not None
    assert made.state.telling.silenced(("wide", "ETH-USD"), made.now) is None
    said = hands.unsilence(made.desk, made.now, "1", who="ann", why="done")
    assert said == "silence 1 of wide:BTC-USD is over"
    assert made.state.telling.silenced(("wide", "BTC-USD"), made.now) is None
