"""A set that values things otherwise: what that makes of the account is no result of trading."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import DEPLOYMENT, set_of
from cycle.trading_desk import BTC, ETH, Bench, done
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle import cycle
from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.records.activation import activation_body
from engine.cycle.records.recovery import recover
from engine.cycle.records.valuing import Terms, terms_of, terms_read, valued_before
from engine.cycle.valuation import Valuation
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from engine.cycle.desk import Round
    from engine.policyset.policyset import PolicySet

RESULTS = ("portfolio.pnl_day_pct", "portfolio.pnl_week_pct", "portfolio.drawdown_pct")
WORDS = tuple(product(("ignore", "count", "adopt"), ("zero", "last", "block"), ("1", "0.5", "")))
Said = tuple[str, str, str]


def saying(said: Said) -> PolicySet:
    """A set with these words on coins that are not ours, on what has no price, and of EUR."""
    not_ours, unpriced, euro = said
    plan = "\n  adopt: {exit: {stop_pct: 50, blind_exit_after: 30m}}" if not_ours == "adopt" else ""
    text = DEPLOYMENT.replace("holdings_not_ours: ignore", f"holdings_not_ours: {not_ours}{plan}")
    text = text.replace("unpriced: block", f"unpriced: {unpriced}")
    rate = f"EUR: {{value: {euro}, source: a test}}, " if euro else ""
    return set_of(text.replace("rates: {", f"rates: {{{rate}"))


def activate(made: Bench, policy_set: PolicySet) -> None:
    """Let another set go on with the ledger, as a run does when it begins."""
    before = valued_before(made.state.deployment, policy_set.deployment)
    made.record(RecordKind.SET_ACTIVATED, {**activation_body(policy_set), **before})
    desk = made.desk
    desk.policy_set = made.policy_set = policy_set
    desk.programme, desk.judge = Programme(policy_set, made.mode), Judge(policy_set, made.mode)
    desk.valuation = Valuation(policy_set.deployment, desk.market)


def account(said: Said) -> Bench:
    """Ten BTC of ours, and four ETH and a hundred EUR that are not, beside 9,000 USD."""
    made = Bench(saying(said))
    activate(made, made.policy_set)
    made.record(RecordKind.CASH_FLOW, {"currency": "ETH", "amount": "4"})
    made.record(RecordKind.CASH_FLOW, {"currency": "EUR", "amount": "100"})
    made.hold(BTC, "10", "100")
    return made


def shown(made: Bench, btc: str, eth: str | None) -> None:
    """BTC shows a bid; ETH does, or shows only an ask."""
    made.quote(BTC, btc, str(Decimal(btc) + 1))
    made.quote(ETH, eth, "900")


def turn(made: Bench) -> Round:
    """One whole cycle, over a venue that agrees with the ledger."""
    made.venue.cash = dict(made.state.cash)
    this = done(cycle.run(made.desk, made.now))
    made.wait(1)
    return this


def equity(made: Bench, policy_set: PolicySet) -> Decimal | None:
    """What the account is worth as a set says, now."""
    return Valuation(policy_set.deployment, made.desk.market).equity(made.state)


@pytest.mark.long
@settings(max_examples=60)
@given(
    before=st.sampled_from(WORDS),
    after=st.sampled_from(WORDS),
    btc=st.tuples(*(st.integers(80, 130) for _ in range(3))),
    eth=st.tuples(*(st.none() | st.integers(20, 90) for _ in range(3))),
)
def test_only_the_market_makes_a_result(
    before: Said, after: Said, btc: tuple[int, ...], eth: tuple[int | None, ...]
) -> None:
    """The value of a unit moves as equity does by each set's own terms, and never at the change."""
    made, other = account(before), saying(after)
    prices = [None if each is None else str(each) for each in eth]
    shown(made, str(btc[0]), prices[0])
    turn(made)
    made.wait(60)
    marked, was = made.state.nav.latest, equity(made, made.policy_set)
    shown(made, str(btc[1]), prices[1])
    old, new = equity(made, made.policy_set), equity(made, other)
    activate(made, other)
    this = turn(made)
    if None in {was, old, new}:
        assert (new is None) <= (not set(RESULTS) <= set(this.account))
        return
    assert was is not None
    assert old is not None
    changed = marked * float(old / was)
    assert made.state.nav.latest == pytest.approx(changed)
    assert this.account["portfolio.pnl_week_pct"] == pytest.approx(100 * (changed - 1), abs=1e-9)
    now = equity(made, other)
    shown(made, str(btc[2]), prices[2])
    then = equity(made, other)
    turn(made)
    if now is not None and then is not None:
        assert made.state.nav.latest == pytest.approx(changed * float(then / now))
    assert recover(made.journal.records()).state.nav == made.state.nav


def test_a_set_that_counts_a_priceless_coin_as_nothing_lets_the_account_go_on() -> None:
    """Where the old terms never knew what it was worth, the value goes on from its last mark."""
    made = account(("ignore", "block", "1"))
    shown(made, "100", None)
    turn(made)
    activate(made, saying(("count", "block", "1")))
    assert not set(RESULTS) <= set(turn(made).account)
    activate(made, saying(("count", "zero", "1")))
    shown(made, "110", None)
    told = turn(made).account
    assert told["portfolio.pnl_day_pct"] == pytest.approx(1.0, abs=0.05)
    assert made.state.nav.valued_before is None


def test_nothing_is_settled_where_nothing_is_valued_otherwise() -> None:
    """A set with the same terms, or before the first money, leaves no trace."""
    made = account(WORDS[0])
    shown(made, "100", "50")
    turn(made)
    said = len(list(made.journal.records()))
    activate(made, saying(WORDS[0]))
    assert made.state.nav.valued_before is None
    assert len(list(made.journal.records())) == said + 1
    empty = Bench(saying(WORDS[0]), cash="0")
    activate(empty, empty.policy_set)
    activate(empty, saying(WORDS[-1]))
    assert empty.state.nav.valued_before is None


def test_what_was_lost_is_not_won_back_by_valuing_otherwise() -> None:
    """After a total loss another way of valuing is no recovery: a person begins anew."""
    made = account(("count", "zero", ""))
    shown(made, "100", "50")
    turn(made)
    made.state.nav.latest = 0.0
    activate(made, saying(("count", "zero", "1")))
    this = turn(made)
    assert made.state.nav.valued_before is not None
    assert not set(RESULTS) <= set(this.account)


@pytest.mark.parametrize("said", WORDS, ids=" ".join)
def test_terms_are_read_as_they_were_written(said: Said) -> None:
    """From the record of an activation come the terms that went into it."""
    terms = terms_of(saying(said).deployment)
    assert terms_read(terms.body()) == terms
    other = Terms("EUR", (), "last", counts_others=False)
    made = Bench(saying(said))
    activate(made, made.policy_set)
    assert valued_before(made.state.deployment, made.policy_set.deployment) == {}
    assert other != terms
