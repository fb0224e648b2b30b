"""Re-judging: a decision is a function of its set and its recorded facts, byte for byte."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.cases import situation, wish
from cycle.small_sets import limit, set_of
from cycle.stories import MODE, Story
from cycle.trading_desk import PLAN, START, product
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.judging.situation import Block, Situation, situation_body, situation_of
from engine.cycle.records.order_bodies import decision_body, intent_body, wish_body, wish_of
from engine.errors import MandateError
from engine.ledger.records import RecordKind, decode_body, encode_body
from engine.model.decisions import ReasonCode
from engine.model.market import ProductStatus
from engine.model.orders import ApprovedOrder, ExitPlan, Intent, OrderForm, OrderIntent
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.ledger.bodies import Body, Json

EVERY = "[entry, add, exit, trim, purge]"
SET = set_of(
    limit("a_value", "order.notional_usd <= 500", on_breach="resize"),
    limit("b_age", "quote.age_s <= 5", intents=EVERY),
    limit("c_asset", "asset.symbol in ('BTC-USD', 'ETH-USD')".replace("'", "''"), intents=EVERY),
    limit("d_group", "portfolio.group_pct_after <= 10", scope="group", on_breach="resize"),
    limit("e_theme", '"majors" in asset.groups', intents=EVERY),
    limit("f_shown", "quote.spread_bps <= 5", stage="warn", intents=EVERY),
)
NAMES = Programme(SET, MODE).decision_facts
MONEY = st.decimals(0, 10**9, places=8)
FLOATS = st.floats(-1e300, 1e300)
TEXTS = st.text('abcdefgh-äß"\\ \n', max_size=8)
VALUES = st.one_of(FLOATS, st.booleans(), TEXTS, st.frozensets(TEXTS, max_size=3))
FACTS = st.dictionaries(st.sampled_from(sorted(NAMES - {"group.name"})), VALUES)
GROUPS = st.builds(lambda name, facts: {**facts, "group.name": name}, TEXTS, FACTS)


@st.composite
def wishes(draw: st.DrawFn) -> OrderIntent:
    """Any order that the cycle could want."""
    plans = st.builds(
        ExitPlan,
        stop_pct=MONEY,
        blind_exit_after_s=st.integers(1, 10**6),
        target_pct=st.none() | MONEY,
        trailing_pct=st.none() | MONEY,
        max_hold_s=st.none() | st.integers(1, 10**6),
        when=st.none() | TEXTS,
    )
    return OrderIntent(
        number=draw(st.integers(1, 10**9)),
        symbol=draw(st.sampled_from([Symbol("BTC", "USD"), Symbol("DOGE", "USDC")])),
        intent=draw(st.sampled_from(list(Intent))),
        form=draw(st.sampled_from(list(OrderForm))),
        quantity=draw(MONEY),
        limit_price=draw(st.none() | MONEY),
        reference_price=draw(MONEY),
        worst_price=draw(MONEY),
        strategy=draw(TEXTS),
        reason=draw(TEXTS),
        conviction=draw(st.none() | st.floats(0, 1)),
        plan=draw(st.none() | plans),
        time_to_live_s=draw(st.none() | st.integers(1, 10**6)),
        parent=draw(st.none() | st.integers(1, 10**9)),
        ladder=draw(st.sampled_from(["entry", "exit", "exit_stop", "trim"])),
        rung=draw(st.integers(0, 8)),
    )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Any situation, facts of wrong types included."""
    status = draw(st.sampled_from(list(ProductStatus)))
    pairs = st.tuples(TEXTS, TEXTS)
    blocks = st.builds(
        Block,
        code=st.sampled_from([each.value for each in ReasonCode]),
        values=st.lists(pairs, max_size=2).map(tuple),
        exits_too=st.booleans(),
    )
    return Situation(
        facts=draw(FACTS),
        groups=tuple(draw(st.lists(GROUPS, max_size=2))),
        product=draw(st.sampled_from([None, product(status=status)])),
        rate=draw(st.none() | MONEY),
        blocks=tuple(draw(st.lists(blocks, max_size=2))),
    )


def stored(body: Mapping[str, object]) -> Body:
    """A body after it was written into the ledger and read again."""
    return decode_body(encode_body(body))  # type: ignore[return-value] # decoded JSON is Json


@given(wishes())
@settings(max_examples=50)
def test_a_wish_is_read_back_as_it_was_written(order: OrderIntent) -> None:
    """Every part of an order comes back from its record: prices exactly, convictions as floats."""
    again = wish_of(stored(wish_body(order)), order.number)
    assert again == order
    assert type(again.conviction) is type(order.conviction)


@given(situations())
@settings(max_examples=50)
def test_a_situation_is_read_back_as_it_was_written(around: Situation) -> None:
    """Facts, groups, product, rate and blocks come back from their record, of the same types."""
    again = situation_of(stored(situation_body(around, NAMES)))
    assert again == around
    kinds = {name: type(value) for name, value in around.facts.items()}
    assert {name: type(value) for name, value in again.facts.items()} == kinds


@given(st.dictionaries(st.sampled_from(["quote.age_s", "clock.hour_utc"]), FLOATS))
@settings(max_examples=20)
def test_only_facts_that_can_matter_are_recorded(facts: dict[str, float]) -> None:
    """A decision's record holds the facts that some limit or guard depends on, and no others."""
    body = situation_body(situation({**facts}), NAMES)
    assert isinstance(body["facts"], dict)
    assert set(body["facts"]) <= NAMES
    assert "clock.hour_utc" not in body["facts"]


def test_a_whole_number_is_read_as_the_float_that_it_was() -> None:
    """JSON may spell a float without its point; a fact is a float all the same."""
    body: Body = {"facts": {"quote.age_s": 5}, "groups": [], "blocks": [], "rate": None}
    value = situation_of(body).facts["quote.age_s"]
    assert (value, type(value)) == (5.0, float)


BAD = {
    "groups that are no list": {"facts": {}, "groups": {}, "blocks": [], "rate": None},
    "blocks that are no list": {"facts": {}, "groups": [], "blocks": 1, "rate": None},
    "a fact that is null": {"facts": {"a": None}, "groups": [], "blocks": [], "rate": None},
    "a block without its values": {
        "facts": {},
        "groups": [],
        "rate": None,
        "blocks": [{"code": "HALTED", "values": "x", "exits_too": True}],
    },
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_a_body_that_the_engine_did_not_write_is_refused(body: dict[str, Json]) -> None:
    """A situation that is not of the form that we write raises, and is never judged as another."""
    with pytest.raises(TypeError):
        situation_of(body)


@given(st.lists(st.tuples(wishes(), situations()), max_size=5))
@settings(max_examples=25)
def test_every_recorded_decision_is_judged_to_the_same_bytes(
    decisions: list[tuple[OrderIntent, Situation]],
) -> None:
    """Whatever was decided, the ledger alone gives the same verdict, reasons and numbers."""
    story = Story(SET)
    story.activate()
    for order, around in decisions:
        story.decide(order, around)
    report = story.rejudged()
    assert report.agrees
    assert report.flips == []
    assert report.decisions == len(decisions)
    assert report.sets == ({SET.hash} if decisions else set())


FLIPS = {
    "a fact": lambda body: body["situation"]["facts"].update({"quote.age_s": 9.0}),
    "a fact taken away": lambda body: body["situation"]["facts"].pop("quote.age_s"),
    "a block added": lambda body: body["situation"]["blocks"].append(
        {"code": "HALTED", "values": [], "exits_too": True}
    ),
    "the price": lambda body: body["wish"].update({"worst_price": "200"}),
    "the verdict": lambda body: body.update({"verdict": "allow"}),
    "the approved quantity": lambda body: body.update({"quantity": "10"}),
    "a rule's outcome": lambda body: body["rules"][0].update({"outcome": "breach"}),
    "a rule left out": lambda body: body["rules"].pop(),
    "a compared number": lambda body: body["rules"][0]["compared"][0].__setitem__(0, 1.0),
    "a reason": lambda body: body["reasons"].append(["HALTED"]),
}


@pytest.mark.parametrize("change", FLIPS.values(), ids=FLIPS)
def test_whatever_was_changed_since_is_found(change: object) -> None:
    """A record whose facts, verdict or rules are not those of the decision is a flip."""
    story = Story(SET)
    story.activate()
    order = wish()
    around = situation(
        {"asset.symbol": "BTC-USD", "asset.groups": frozenset({"majors"})},
        groups=({"group.name": "majors", "portfolio.group_at_risk_usd": 0.0},),
    )
    story.decide(order, around)
    body = stored(decision_body(order, around, story.judge.judge(order, around), NAMES))
    change(body)  # type: ignore[operator] # a row of the table
    story.decide(order, around, **body)
    report = story.rejudged()
    assert not report.agrees
    assert [each.sequence for each in report.flips] == [4]
    assert report.flips[0].recorded != report.flips[0].judged
    assert report.decisions == 2


def test_a_decision_under_another_rule_is_a_flip() -> None:
    """Judged by the set that its record names, a verdict of another set comes out otherwise."""
    strict = set_of(limit("a_value", "order.notional_usd <= 5", on_breach="resize"))
    story = Story(strict)
    story.activate()
    lax = Judge(set_of(), MODE)
    body = decision_body(wish(), situation(), lax.judge(wish(), situation()), NAMES)
    named = {"policy_set": strict.hash, "mode": "paper", "intent": None}
    story.record(RecordKind.DECISION, {**body, **named})
    (flip,) = story.rejudged().flips
    assert '"verdict":"allow"' in flip.recorded
    assert '"verdict":"resize"' in flip.judged


UNBUILDABLE = {
    "another hash": {"policy_set": "f" * 64},
    "no documents": {"documents": []},
}


@pytest.mark.parametrize("changes", UNBUILDABLE.values(), ids=UNBUILDABLE)
def test_a_set_that_cannot_be_built_again_is_said(changes: dict[str, object]) -> None:
    """Documents that no longer make the set of the recorded hash are M440, not another verdict."""
    story = Story(SET)
    story.activate(**changes)
    told = {"policy_set": changes.get("policy_set", SET.hash)}
    story.decide(wish(), situation(), **told)
    with pytest.raises(MandateError) as caught:
        story.rejudged()
    assert caught.value.diagnostics[0].code == "M440"


def test_a_set_that_was_never_activated_is_said() -> None:
    """A decision whose set no record holds cannot be judged, which is M440 and no traceback."""
    story = Story(SET)
    story.decide(wish(), situation())
    with pytest.raises(MandateError) as caught:
        story.rejudged()
    assert caught.value.diagnostics[0].code == "M440"
    assert SET.hash in caught.value.diagnostics[0].message


def test_documents_that_are_no_list_are_a_program_error() -> None:
    """The engine writes documents as a list; anything else was not written by it."""
    story = Story(SET)
    story.activate(documents="none")
    story.decide(wish(), situation())
    with pytest.raises(TypeError):
        story.rejudged()


def test_an_approved_order_is_recorded_with_what_was_approved() -> None:
    """The intent's record holds the approved quantity, the id and the whole hash of the set."""
    order = ApprovedOrder("id-1", SET.hash, wish(), Decimal("2.5"), START)
    body = intent_body(order, SET.hash)
    assert {name: body[name] for name in ("intent", "client_order_id", "policy_set")} == {
        "intent": 1,
        "client_order_id": "id-1",
        "policy_set": SET.hash,
    }
    assert (body["quantity"], body["expires"]) == ("2.5", "2026-03-02T12:00:00Z")
    assert wish_of(stored(body), 1).plan == PLAN
