"""What is left out of judging again is left out because it cannot matter."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from comparison.rejudging.plainly import plainly
from cycle.cases import situation, wish
from cycle.small_sets import DEPLOYMENT, guards, limit, set_of
from cycle.stories import Story
from cycle.test_waivers import waiver
from cycle.trading_desk import product
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.system.disk import DirectoryDisk
from engine.comparison.rejudging.judging import rejudge_under
from engine.cycle.judging.situation import Block
from engine.cycle.records.brief import brief_of, outline
from engine.cycle.records.story import decision_of
from engine.errors import MandateError
from engine.ledger import bodies
from engine.ledger.chain import BrokenChain, Read
from engine.ledger.records import Body, RecordKind, seal
from engine.model.market import ProductStatus
from engine.model.orders import Intent
from engine.run.ledgers import LedgerView
from engine.run.rejudging import rejudged

if TYPE_CHECKING:
    from pathlib import Path

    from engine.cycle.judging.situation import Situation
    from engine.model.orders import OrderIntent


def value(usd: int, **spec: str) -> str:
    """A limit of the order's value; the number is a parameter, which a waiver may raise."""
    asked = "order.notional_usd <= params.most_usd"
    return limit("value", asked, params=f"{{most_usd: {usd}}}", **spec)


YOUNG = limit("young", "quote.age_s <= 5", intents="[entry, add, exit]")
DUST = limit("dust", "order.notional_usd >= 200", minimum="true")
GROUP = limit("group", "portfolio.group_pct_after <= 20", scope="group")
GROUPED = limit("group", "portfolio.group_pct_after <= 12", scope="group", on_breach="resize")
TIGHT = guards(
    "{name: tight, intents: [entry], require: quote.spread_bps <= 12, on_breach: deny, "
    "stage: enforce}"
)
SETS = {
    "nothing asked": set_of(),
    "500, denying": set_of(value(500)),
    "500, resizing": set_of(value(500, on_breach="resize")),
    "2,000, denying": set_of(value(2000)),
    "2,000 in shadow": set_of(value(2000, stage="shadow"), YOUNG),
    "waived to 800": set_of(value(500), waiver(params="most_usd: 800")),
    "waived, and over": set_of(value(500), waiver(params="most_usd: 800").replace("T13", "T12")),
    "young": set_of(value(500, on_breach="resize"), YOUNG),
    "young and dust": set_of(value(500, on_breach="resize"), YOUNG, DUST),
    "dust": set_of(value(2000), DUST),
    "groups": set_of(value(2000), GROUP, YOUNG),
    "groups, resizing": set_of(value(2000), GROUPED, DUST),
    "a guard": set_of(value(500), TIGHT),
    "dearer": set_of(value(500), DEPLOYMENT.replace("taker_bps: 60", "taker_bps: 9000")),
    "exits too": set_of(value(500, intents="[entry, add, exit]"), YOUNG),
}
MAJORS = {"group.name": "majors", "portfolio.group_at_risk_usd": 500.0}
HALT = Block("HALTED", (), exits_too=True)
ENTRIES = Block("REDUCING", (), exits_too=False)
TEXTS = st.sampled_from(["follower", ',"rules":[', '],"situation":{', '"', "\\"])


@st.composite
def asked(draw: st.DrawFn) -> tuple[OrderIntent, Situation]:
    """An order and what is known of it, at the edges of the limits of these sets."""
    intent = draw(st.sampled_from([Intent.ENTRY, Intent.ENTRY, Intent.ADD, Intent.EXIT]))
    size = draw(st.sampled_from(["0.001", "1", "2", "3", "5", "5.001", "8", "10", "20", "21"]))
    facts = {
        "quote.age_s": draw(st.sampled_from([None, 1.0, 5.0, 9.0])),
        "quote.bid": draw(st.sampled_from([None, 99.95, 99.0])),
        "portfolio.equity_usd": draw(st.sampled_from([None, 10_000.0, 4_000.0])),
    }
    around = situation(
        facts,
        intent=intent,
        groups=draw(st.sampled_from([(), (MAJORS,), ({**MAJORS, "group.name": "others"},)])),
        traded=draw(st.sampled_from([product(), product(status=ProductStatus.POST_ONLY), None])),
        rate=draw(st.sampled_from([Decimal(1), Decimal(1), Decimal("1.25"), None])),
        blocks=draw(st.sampled_from([(), (), (), (HALT,), (ENTRIES,)])),
    )
    order = replace(wish(intent, size), reason=draw(TEXTS), strategy="follower")
    return order, around


NAMES = st.sampled_from(sorted(SETS))


@pytest.mark.long
@given(NAMES, NAMES, st.lists(asked(), min_size=1, max_size=12))
@settings(max_examples=60)
def test_it_is_what_judging_everything_whole_gives(
    before: str, after: str, told: list[tuple[OrderIntent, Situation]]
) -> None:
    """Every count, every direction, all money, every reason and the first flip are the same."""
    story = _story(before, *told)
    records = [*story.records()]
    plainly(SETS[after], records).agrees(rejudge_under(SETS[after], records))


def _story(before: str, *told: tuple[OrderIntent, Situation]) -> Story:
    story = Story(SETS[before])
    story.activate()
    for each in told:
        story.decide(*each)
    return story


@given(asked(), NAMES)
@settings(max_examples=60)
def test_a_brief_reading_leaves_out_the_answers_and_nothing_else(
    told: tuple[OrderIntent, Situation], before: str
) -> None:
    """Whatever texts a record holds, outline and brief say what the whole record says."""
    for record in _story(before, told).records():
        whole, found = bodies.of_record(record), outline(record)
        assert found is not None
        assert {name: whole[name] for name in found} == found
        if record.kind is RecordKind.DECISION:
            recorded, brief = decision_of(record), brief_of(Read(record, found))
            decided = recorded.decision.verdict, recorded.decision.quantity
            assert {"rules", "situation", "verdict", "wish"}.isdisjoint(found)
            assert brief == (recorded.time, recorded.intent, recorded.situation, *decided)


def test_a_decision_that_is_misspelt_is_refused() -> None:
    """What is read is in its one spelling, also where the chain was made anew around it (M402)."""
    story = _story("500, denying", (wish(), situation()))
    record = [*story.records()][-1]
    body = record.body.replace(b'"symbol":', b'"symbol": ')
    forged = seal(record.sequence, record.time, record.kind, Body(body), record.previous)
    found = outline(forged)
    assert found is not None
    with pytest.raises(BrokenChain) as refused:
        brief_of(Read(forged, found))
    assert refused.value.bad.diagnostic.code == "M402"


def _ledger(path: Path, *, decisions: int, segment_bytes: int) -> Story:
    """A ledger of several sets and many small segments."""
    names = ["500, denying", "young", "groups"]
    story = Story(SETS[names[0]], DirectoryDisk(path), segment_bytes)
    for at, name in enumerate(names):
        story.take(SETS[name])
        story.activate()
        for number in range(decisions):
            size = str(Decimal(number * 7 % 23 + at + 1))
            story.decide(wish(quantity=size), situation({"quote.age_s": float(number % 9)}))
    story.journal.sync()
    return story


@pytest.mark.long
@pytest.mark.parametrize("jobs", [1, 2])
def test_segments_are_judged_apart_and_told_together(tmp_path: Path, jobs: int) -> None:
    """However many processes share the segments, what is told is what one reading tells."""
    story = _ledger(tmp_path, decisions=40, segment_bytes=8_000)
    candidate = SETS["500, resizing"]
    counted: list[int] = []
    found = rejudged(
        candidate, LedgerView.open(str(tmp_path)), jobs, counted.append, lambda: counted.append(1)
    )
    plainly(candidate, story.records()).agrees(found)
    assert found.sets == {SETS[each].hash for each in ("500, denying", "young", "groups")}
    assert counted[0] >= 20, "so many segments, and each is told when it is done"
    assert counted[1:] == [1] * counted[0]


def test_the_first_bad_record_is_named_wherever_it_lies(tmp_path: Path) -> None:
    """A segment that was changed, or is gone, is refused as a reading from the start refuses it."""
    story = _ledger(tmp_path, decisions=6, segment_bytes=8_000)
    names = sorted((tmp_path / "journal").iterdir())
    for place, name in enumerate(names[:-1]):
        kept = name.read_bytes()
        for broken in (kept.replace(b"500", b"501", 1), kept[:-9], b""):
            name.write_bytes(broken)
            with pytest.raises(MandateError) as plain:
                [*story.records()]
            with pytest.raises(MandateError) as apart:
                rejudged(SETS["dust"], LedgerView.open(str(tmp_path)), 1)
            assert apart.value.diagnostics == plain.value.diagnostics, (place, broken[:40])
        name.write_bytes(kept)
