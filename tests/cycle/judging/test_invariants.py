"""Invariants: what contradicts itself is believed by nobody, wherever the fact is used."""

from __future__ import annotations

import pytest
from cycle.small_sets import breaker
from cycle.trading_desk import BTC, ETH, bench
from fakes.bench import AT_RISK, buy, sell
from fakes.bench import Bench as SendingBench

from engine.cycle.judging.invariants import Reach, invariants_of
from engine.cycle.steps import breakers, snapshot
from engine.expr.facts import VOCABULARY
from engine.expr.vocabulary import Vocabulary
from engine.model.decisions import Verdict

BUSY = breaker("busy", "pace.orders_1h_count > 50")
EXPOSED = breaker("exposed", "portfolio.gross_usd > 50")
REACHES = {
    "quote.bid <= quote.ask": Reach.PRODUCT,
    "position.value_usd <= portfolio.gross_usd": Reach.PRODUCT,
    "portfolio.group_at_risk_usd <= portfolio.at_risk_usd": Reach.ORDER,
    "strategy.at_risk_usd <= portfolio.at_risk_usd": Reach.ORDER,
    "pace.messages_1s_count <= pace.messages_1m_count": Reach.ACCOUNT,
}


def test_every_invariant_is_asked_where_its_facts_are_at_hand() -> None:
    """Each is asked exactly once: of the account, of each product, or of each order."""
    reached = {
        text: reach
        for reach, invariants in invariants_of(VOCABULARY).items()
        for text in (each.text for each in invariants.each)
    }
    assert len(reached) == len(VOCABULARY.invariants)
    assert REACHES.items() <= reached.items()


def test_counts_that_contradict_each_other_are_counted_once_and_nobody_believes_them() -> None:
    """Neither a product nor a breaker of the account uses a fact that cannot be right."""
    made = bench(BUSY)
    made.quote(BTC)
    made.quote(ETH)
    this = made.round()
    this.tell_account({"pace.orders_1m_count": 90.0, "pace.orders_1h_count": 80.0})
    snapshot.believe(made.desk, this)
    assert list(this.broken_invariants.values()) == [1]
    breakers.run(made.desk, this)
    assert this.tripped == []
    assert this.undecided_breakers[("busy", "")] == ("pace.orders_1h_count",)
    this.tell_account({"pace.orders_1h_count": 80.0})
    for facts in (this.account, this.facts(BTC), this.facts(ETH)):
        assert "pace.orders_1h_count" not in facts


def test_a_product_that_contradicts_the_account_leaves_the_account_in_doubt() -> None:
    """Nobody knows which of the two is wrong: the whole is unknown, other products keep theirs."""
    made = bench(EXPOSED)
    made.quote(BTC)
    made.quote(ETH)
    this = made.round()
    this.tell_account({"portfolio.gross_usd": 90.0})
    this.tell(BTC, {"position.value_usd": 100.0})
    snapshot.believe(made.desk, this)
    assert dict(this.broken_invariants) == {
        "position.value_usd <= portfolio.gross_usd": 1,
        "position.value_usd <= portfolio.at_risk_usd": 1,
    }
    breakers.run(made.desk, this)
    assert ("exposed", "") in this.undecided_breakers
    assert "position.value_usd" not in this.facts(BTC)
    assert "position.value_usd" in this.facts(ETH)
    assert "portfolio.gross_usd" not in this.facts(ETH)


@pytest.mark.parametrize(
    "false", ["strategy.at_risk_usd > portfolio.at_risk_usd", "portfolio.group_at_risk_usd < 0"]
)
def test_an_order_is_not_judged_by_facts_that_contradict_each_other(false: str) -> None:
    """What breaks an invariant of an order denies entries by doubt, and lets ways out pass."""
    made = SendingBench(texts=(AT_RISK.format(10),))
    held = made.hold()
    specs = made.policy_set.vocabulary.specs
    broken = tuple(dict.fromkeys((false, "strategy.at_risk_usd > portfolio.at_risk_usd")))
    kept = made.desk.programme.invariants
    made.desk.programme.invariants = invariants_of(Vocabulary(specs, broken))
    try:
        this = made.round()
        decision = made.place(buy(), this).decision
        left = made.place(sell(BTC, held), this)
    finally:
        made.desk.programme.invariants = kept  # benches of one set share their programme
    assert decision.verdict is Verdict.DENY
    assert any("missing=portfolio.at_risk_usd" in str(each) for each in decision.reasons)
    assert this.broken_invariants[false] == 2
    assert left.outcome == "sent"
