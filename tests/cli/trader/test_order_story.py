"""The page of one order: what allowed it, what became of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from cli.trader_verbs.order_story import story_page
from engine.cycle.judging.situation import Situation
from engine.cycle.records.story import DecisionRecord, Step, Story, story_of
from engine.ledger.records import RecordKind, encode_body, seal
from engine.model.decisions import Comparison, Decision, Evaluation, Outcome, Verdict
from engine.model.orders import ExitPlan, Intent, OrderForm, OrderIntent
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.run.questions import NamedSet

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from engine.ledger.bodies import Body

NOON = UtcTime.parse("2026-01-05T12:00:00Z")
ORDER = "84d4e077-54bb-802c-8be9-fa13c3bef15e"
SET = "84d4e07754bb" + "0" * 52


def _decided() -> DecisionRecord:
    intent = OrderIntent(
        number=9,
        symbol=Symbol("BTC", "USD"),
        intent=Intent.ENTRY,
        form=OrderForm.POST_ONLY,
        quantity=Decimal("0.0052"),
        limit_price=Decimal("95835.63"),
        reference_price=Decimal(95_000),
        worst_price=Decimal(96_000),
        strategy="momentum",
        reason="rising:true",
        plan=ExitPlan(Decimal(3), 1800, Decimal(4), Decimal(2), 14_400, "quote.spread_bps > 100"),
        parent=8,
        rung=1,
    )
    compared = (Comparison(7.93, "<=", 9.0, 1.07),)
    rules = (
        Evaluation("RiskLimit/max_exposure", None, "enforce", Outcome.PASS, compared, ()),
        Evaluation("RiskLimit/max_group", "MEME", "warn", Outcome.BREACH, compared, ()),
        Evaluation("RiskLimit/age", None, "shadow", Outcome.UNDECIDED, (), ("quote.age_s",)),
    )
    facts = {
        "order.side": "BUY",
        "quote.bid": 95639.39,
        "order.self_match": False,
        "asset.groups": frozenset({"MAJORS", "LAYER1"}),
    }
    situation = Situation(facts, ({"group.name": "LAYER1"},), None, Decimal(1), ())
    decision = Decision(Verdict.ALLOW, intent.quantity, intent.quantity, (), (), rules)
    return DecisionRecord(31, NOON, 17, "paper", SET, ORDER, intent, situation, decision)


def _step(sequence: int, kind: RecordKind, body: Body) -> Step:
    return Step(sequence, NOON.plus_s(sequence), kind, body)


def _fill(sequence: int, quantity: str, *, maker: bool) -> Step:
    body: Body = {"quantity": quantity, "price": "95800", "fee": "1.5", "maker": maker}
    return _step(sequence, RecordKind.FILLED, body)


_INTENT = _step(
    32,
    RecordKind.INTENT,
    {"quantity": "0.0052", "form": "post_only", "expires": "2026-01-05T12:01:00Z"},
)
_ENDED = _step(36, RecordKind.CANCELLED, {"reason": "expired"})


def test_an_order_filled_in_parts(snapshot: SnapshotAssertion) -> None:
    """The page tells wish, verdict, set, plan, every step, every rule and every fact."""
    steps = (
        _INTENT,
        _step(33, RecordKind.SENT, {}),
        _step(34, RecordKind.ACKNOWLEDGED, {"venue_order_id": "v-1"}),
        _fill(35, "0.002", maker=True),
        _fill(36, "0.001", maker=False),
        _ENDED,
    )
    story = Story(_decided(), steps)
    assert story_page(story, NamedSet("tiny", SET, None)) == snapshot


def test_an_order_that_was_never_filled() -> None:
    """A market order without a plan that ended unfilled says so, and invents no price."""
    decided = _decided()
    intent = replace(decided.intent, limit_price=None, plan=None, parent=None)
    story = Story(replace(decided, intent=intent), (_INTENT, _ENDED))
    page = story_page(story, NamedSet("tiny", SET, None))
    assert "BUY 0.0052 BTC-USD at the market\n" in page
    assert "\nfilled      nothing\n" in page
    assert "exit plan" not in page
    assert "after  " not in page


def test_records_of_two_orders_are_no_story() -> None:
    """A story has one decision; records without one are refused, not told in part."""
    body = encode_body({"client_order_id": ORDER})
    sent = seal(1, NOON, RecordKind.SENT, body, "0" * 64)
    with pytest.raises(ValueError, match="one order has one decision, these records have 0"):
        story_of([sent])
