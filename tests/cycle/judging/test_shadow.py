"""A second set beside the first: asked about the same orders, and told where it differs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from cycle.cases import judged, situation, wish
from cycle.small_sets import limit, set_of, strategy
from cycle.test_waivers import VALUE, waiver
from cycle.trading_desk import START, Bench, done

from engine.cycle import cycle
from engine.cycle.judging.shadow import Shadow
from engine.ledger.records import RecordKind, decode_body
from engine.model.orders import Mode

LARGE = limit("a_value", "order.notional_usd <= 500", on_breach="resize")
SMALL = limit("a_value", "order.notional_usd <= 300", on_breach="resize")
NONE = limit("a_value", "order.notional_usd <= 5")
OTHERS = {
    "agrees": (LARGE, None),
    "would have sent less": (SMALL, ("resize", "3")),
    "would have sent nothing": (NONE, ("deny", "0")),
    "would have sent more": ("", ("allow", "10")),
}


@pytest.mark.parametrize(("text", "wanted"), OTHERS.values(), ids=OTHERS)
def test_where_the_second_set_differs_it_is_told(text: str, wanted: tuple[str, str] | None) -> None:
    """Another verdict or size is told with its numbers, and agreement is silence."""
    decision = judged(set_of(LARGE), wish(), situation())
    shadow = Shadow(set_of(*filter(None, [text])), Mode.PAPER)
    found = shadow.differs(wish(), situation(), decision, START)
    assert (found is None) is (wanted is None)
    if found is not None and wanted is not None:
        verdict, quantity = wanted
        assert (found.body["verdict"], found.body["quantity"]) == wanted
        assert found.words.startswith(f"shadow test: entry BTC-USD {verdict} {quantity} and not")
        assert found.body["policy_set"] == shadow.policy_set.hash


def test_the_second_set_has_its_own_waivers() -> None:
    """A waiver of the second set counts for it, at the time of the cycle, and not for the first."""
    decision = judged(set_of(VALUE), wish(), situation())
    shadow = Shadow(set_of(VALUE, waiver()), Mode.PAPER)
    found = shadow.differs(wish(), situation(), decision, START)
    assert found is not None
    assert (decision.quantity, found.body["quantity"]) == (Decimal("0.5"), "0.8")
    assert shadow.differs(wish(), situation(), decision, START.plus_s(7200)) is None


def test_a_shadow_changes_nothing_that_is_sent() -> None:
    """The same order leaves with the same id; the record and the notes tell what else there was."""
    sent = []
    for shadowed in (False, True):
        made = Bench(set_of(strategy("follower", size_pct="'1'"), LARGE))
        if shadowed:
            made.desk.shadow = Shadow(set_of(NONE), Mode.PAPER)
        made.quote()
        made.venue.cash = dict(made.state.cash)
        this = done(cycle.run(made.desk, made.now))
        sent.append([(each.client_order_id, each.quantity) for each in made.venue.sent])
        told = [each for each in this.notes if each.startswith("shadow")]
        assert len(told) == shadowed
    assert sent[0] == sent[1]
    assert len(sent[0]) == 1
    (body,) = [
        decode_body(each.body)
        for each in made.journal.records()
        if each.kind is RecordKind.DECISION
    ]
    other = body["shadow"]
    assert isinstance(other, dict)
    assert (other["verdict"], body["verdict"]) == ("deny", "allow")
    assert str(other["reasons"][0]).startswith("LIMIT_BREACHED rule=RiskLimit/a_value")
