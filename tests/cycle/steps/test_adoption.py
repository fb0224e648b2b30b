"""Coins that are not ours: ignored, counted or adopted; priced, half priced or not at all."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import DEPLOYMENT, strategy
from cycle.small_sets import set_of as small_set
from cycle.trading_desk import BTC, ETH, SOL, Bench, done, product

from engine.cycle import cycle
from engine.cycle.records.recovery import recover
from engine.cycle.steps.adoption import ADOPTED
from engine.kinds.deployment.document import DeploymentSpec
from engine.ledger.records import RecordKind
from engine.model.decisions import ReasonCode
from engine.model.market import ProductStatus
from engine.model.orders import Fill, Intent, Mode, Side

if TYPE_CHECKING:
    from engine.cycle.desk import Round
    from engine.expr.nodes import Value
    from engine.policyset.policyset import PolicySet

PLAN = "{exit: {stop_pct: 10, target_pct: 30, blind_exit_after: 30m}}"
EAGER = strategy("eager", size_pct="'2'")


def desk(
    word: str = "adopt", unpriced: str = "block", *, rate: bool = False, mode: Mode = Mode.PAPER
) -> Bench:
    """A desk whose Deployment says these words of coins that are not ours, and of prices."""
    return Bench(saying(word, unpriced, rate=rate), mode=mode)


def saying(
    word: str = "adopt", unpriced: str = "block", *, rate: bool = False, plan: str = PLAN
) -> PolicySet:
    """The set of such a desk."""
    said = f"holdings_not_ours: {word}"
    text = DEPLOYMENT.replace(
        "holdings_not_ours: ignore", said + (f"\n  adopt: {plan}" if word == "adopt" else "")
    )
    text = text.replace("unpriced: block", f"unpriced: {unpriced}")
    if rate:
        text = text.replace("rates: {", "rates: {ETH: {value: 50, source: a test}, ")
    return small_set(text, EAGER)


def send(made: Bench, amount: str, currency: str = "ETH") -> None:
    """Coins come from outside, and a record says so."""
    made.record(RecordKind.CASH_FLOW, {"currency": currency, "amount": amount})


def turn(made: Bench, **found: str) -> Round:
    """One whole cycle; the venue holds what the ledger says, and what a test finds beside it."""
    more = {name: Decimal(units) for name, units in found.items()}
    cash = made.state.cash
    made.venue.cash = {n: cash.get(n, Decimal(0)) + more.get(n, 0) for n in {*cash, *more}}
    this = done(cycle.run(made.desk, made.now))
    made.wait(60)
    return this


# The table: what equity, gross, at risk, exposure and sizing say of four ETH beside ten BTC of
# ours at 100 and 9,000 USD.

MARKETS = ("priced", "one-sided", "never priced")
WORTH: dict[tuple[str, str], int | None] = {
    ("priced", "zero"): 200,
    ("priced", "last"): 200,
    ("priced", "block"): 200,
    ("one-sided", "zero"): 0,
    ("one-sided", "last"): 200,
    ("one-sided", "block"): None,
    ("never priced", "zero"): 0,
    ("never priced", "last"): None,
    ("never priced", "block"): None,
}


def shown(made: Bench, market: str, btc: str = "100") -> None:
    """BTC is quoted; ETH is, or shows an ask only after it had a bid, or nothing ever."""
    made.quote(BTC, btc, str(Decimal(btc) + Decimal("0.1")))
    if market != "never priced":
        made.quote(ETH, "50", "53")
    if market == "one-sided":
        made.quote(ETH, None, "53")


def looked_at(word: str, unpriced: str, market: str, *, rate: bool = False) -> Bench:
    """The desk of the table, one cycle after the coins came."""
    made = desk(word, unpriced, rate=rate)
    made.hold(BTC, "10", "100")
    shown(made, market)
    turn(made)
    send(made, "4")
    shown(made, market)
    turn(made)
    shown(made, market)
    return made


def facts(made: Bench) -> tuple[Value | None, ...]:
    """Equity, gross, at risk."""
    told = made.round().account
    names = ("portfolio.equity_usd", "portfolio.gross_usd", "portfolio.at_risk_usd")
    return tuple(told.get(name) for name in names)


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("unpriced", ["zero", "last", "block"])
@pytest.mark.parametrize("word", ["ignore", "count", "adopt"])
def test_what_coins_that_are_not_ours_are_worth(word: str, unpriced: str, market: str) -> None:
    """Unseen, or by their bid, or what the Deployment says without one; at risk once adopted."""
    worth = 0 if word == "ignore" else WORTH[market, unpriced]
    adopted = word == "adopt" and market == "priced"
    made = looked_at(word, unpriced, market)
    expected = (None, None) if worth is None else (10_000.0 + worth, 1000.0 + worth)
    assert facts(made) == (*expected, 1200.0 if adopted else 1000.0)
    assert (ETH in made.state.positions) is adopted


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("word", ["ignore", "count", "adopt"])
def test_a_currency_with_a_stated_rate_is_cash(word: str, market: str) -> None:
    """It counts at its rate whatever the market shows, is no exposure, and is never adopted."""
    made = looked_at(word, "block", market, rate=True)
    assert facts(made) == (10_200.0, 1000.0, 1000.0)
    assert ETH not in made.state.positions


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("unpriced", ["zero", "last", "block"])
@pytest.mark.parametrize("word", ["ignore", "count", "adopt"])
def test_what_nobody_can_price_stops_entries_and_never_exits(
    word: str, unpriced: str, market: str
) -> None:
    """An entry is sized by what equity is known to be, or not at all; a stop sells either way."""
    made = looked_at(word, unpriced, market)
    made.quote(SOL, "100", "100.1")
    shown(made, market, btc="90")
    this = turn(made)
    worth = 0 if word == "ignore" else WORTH[market, unpriced]
    by_intent = {each.intent.intent: each for each in this.orders}
    assert by_intent[Intent.EXIT].decision.verdict.allowed
    if worth is None:
        assert Intent.ENTRY not in by_intent
        assert this.blockers[SOL].code is ReasonCode.NO_EQUITY
        return
    entry = by_intent[Intent.ENTRY].intent
    value = entry.quantity * entry.worst_price
    assert value == pytest.approx(Decimal("0.02") * (9900 + worth), abs=Decimal("0.02"))


# Adopting.


def adopted(made: Bench) -> list[tuple[str, Decimal, Decimal]]:
    """What is held as our own: product, units, and what they count as having cost."""
    return [(str(s), p.quantity, p.cost) for s, p in sorted(made.state.positions.items())]


def test_coins_of_the_genesis_are_adopted_when_they_have_a_price() -> None:
    """Not before; at the bid; under the plan of the Deployment; and it is no result."""
    made = desk()
    send(made, "4")
    turn(made)
    assert adopted(made) == []
    made.quote(ETH, "50", "51")
    turn(made)
    assert adopted(made) == [("ETH-USD", Decimal(4), Decimal(200))]
    held = made.state.positions[ETH]
    assert (held.strategy, held.plan.stop_pct, held.plan.target_pct) == (ADOPTED, 10, 30)
    assert made.state.pace.executions_since_arm == {}
    assert made.round().account["portfolio.pnl_day_pct"] == 0.0
    assert made.round().symbols[ETH]["position.managed"] is True


def test_what_a_reconciliation_finds_is_adopted_and_no_result() -> None:
    """Coins that no record told of come in with their adoption, and nothing differs any more."""
    made = desk()
    made.quote(ETH, "50", "51")
    turn(made)
    turn(made, ETH="4")
    assert adopted(made) == [("ETH-USD", Decimal(4), Decimal(200))]
    assert made.state.cash["ETH"] == 4
    assert made.state.mismatches == 0
    account = made.round().account
    assert account["portfolio.equity_usd"] == 10_200.0
    assert account["portfolio.pnl_day_pct"] == pytest.approx(0.0)
    made.quote(ETH, "60", "61")
    turn(made, ETH="1")
    assert adopted(made) == [("ETH-USD", Decimal(5), Decimal(260))]
    assert made.round().account["portfolio.pnl_day_pct"] == pytest.approx(100 * 40 / 10_200)


def test_nothing_is_adopted_twice_over_cycles_and_restarts() -> None:
    """What is ours already is no find: neither in the next cycle nor to another process."""
    made = desk()
    made.quote(ETH, "50", "51")
    for found in ("4", "0", "0"):
        made.quote(ETH, "50", "51")
        turn(made, ETH=found)
    again = recover(made.journal.records()).state
    assert (again.positions, again.nav, again.cash) == (
        made.state.positions,
        made.state.nav,
        made.state.cash,
    )
    made.desk.recorder.state = again
    made.quote(ETH, "50", "51")
    turn(made)
    kinds = [each.kind for each in made.journal.records()]
    assert kinds.count(RecordKind.ORDER_ADOPTED) == 1
    assert adopted(made) == [("ETH-USD", Decimal(4), Decimal(200))]


def test_adopted_coins_leave_by_their_plan_like_our_own() -> None:
    """Ten percent below the bid of their adoption they are sold, all of them, as a stop."""
    made = desk()
    made.quote(ETH, "50", "51")
    turn(made, ETH="4")
    made.quote(ETH, "45.01", "46")
    assert [each for each in turn(made).orders if each.intent.intent is Intent.EXIT] == []
    made.quote(ETH, "45", "46")
    leaving = [each.intent for each in turn(made).orders if each.intent.intent is Intent.EXIT]
    assert {(each.symbol, each.quantity, each.ladder) for each in leaving} == {
        (ETH, Decimal(4), "exit_stop")
    }


LATER = (
    ("tighter", "{exit: {stop_pct: 5, target_pct: 20, blind_exit_after: 10m}}", (5, 20, 600)),
    ("wider", "{exit: {stop_pct: 20, blind_exit_after: 2h}}", (10, 30, 1800)),
    ("both", "{exit: {stop_pct: 5, target_pct: 40, blind_exit_after: 30m}}", (5, 30, 1800)),
    ("nothing any more", None, (10, 30, 1800)),
)


@pytest.mark.parametrize(("_name", "plan", "wanted"), LATER)
def test_what_was_adopted_follows_a_new_set_to_the_safer_side_only(
    _name: str, plan: str | None, wanted: tuple[int, int, int]
) -> None:
    """A tighter `adopt.exit` counts for coins that were adopted before it, a wider one does not."""
    made = desk()
    made.quote(ETH, "50", "51")
    turn(made, ETH="4")
    made.desk.policy_set = saying("count") if plan is None else saying(plan=plan)
    turn(made)
    held = made.state.positions[ETH].plan
    assert (held.stop_pct, held.target_pct, held.blind_exit_after_s) == wanted
    changes = [each for each in made.journal.records() if each.kind is RecordKind.PLAN_CHANGED]
    assert len(changes) == (wanted != (10, 30, 1800))


def test_coins_beside_ours_join_them_and_keep_their_plan() -> None:
    """The position grows by what was found; its own plan and entry stay."""
    made = desk()
    made.hold(ETH, "2", "40")
    plan = made.state.positions[ETH].plan
    made.quote(ETH, "50", "51")
    turn(made, ETH="2")
    held = made.state.positions[ETH]
    assert (held.quantity, held.entry_price, held.plan) == (4, 45, plan)


def stale(made: Bench) -> None:
    """A bid half an hour old."""
    made.quote(ETH, "50", "51", age_s=1800)


def future(made: Bench) -> None:
    """A bid with a stamp that is an hour ahead."""
    made.quote(ETH, "50", "51", venue_time=made.now.plus_s(3600))


def one_sided(made: Bench) -> None:
    """An ask only."""
    made.quote(ETH, None, "51")


def halted(made: Bench) -> None:
    """A product that the venue has halted."""
    made.quote(ETH, "50", "51")
    made.desk.products[ETH] = product(ETH, status=ProductStatus.HALTED)


def unlisted(made: Bench) -> None:
    """A product that the venue does not list."""
    made.quote(ETH, "50", "51")
    del made.desk.products[ETH]


def too_small(made: Bench) -> None:
    """A bid at which four coins are less than a dollar."""
    made.quote(ETH, "0.2", "0.21")


def ordered(made: Bench) -> None:
    """A buy of ours that still works."""
    made.quote(ETH, "50", "51")
    made.hold(ETH, "4", "50", filled="0")


LEFT = {
    "a stale bid": stale,
    "a stamp from the future": future,
    "no bid": one_sided,
    "a halted product": halted,
    "a product that the venue does not list": unlisted,
    "dust": too_small,
    "a buy under way, which may be what we see": ordered,
}


@pytest.mark.parametrize("shown_as", LEFT.values(), ids=LEFT)
def test_what_could_not_be_sold_or_is_not_certain_is_left(shown_as: object) -> None:
    """Without a price that a stop could be decided on, or a market to sell in, nothing is ours."""
    made = desk()
    assert callable(shown_as)
    shown_as(made)
    turn(made, ETH="4")
    assert adopted(made) == []
    assert "ETH" in made.state.differences


def test_dollars_are_never_adopted() -> None:
    """Money of the numeraire or of a stated rate is no coin, and stays a difference."""
    made = desk()
    turn(made, USD="50", USDC="70")
    assert adopted(made) == []
    assert set(made.state.differences) == {"USD", "USDC"}


@pytest.mark.parametrize(("word", "mode"), [("count", Mode.PAPER), ("adopt", Mode.DRY_RUN)])
def test_only_who_says_adopt_and_can_sell_adopts(word: str, mode: Mode) -> None:
    """With another word nothing becomes ours; a dry run sells nothing and so takes nothing."""
    made = desk(word, mode=mode)
    made.quote(ETH, "50", "51")
    turn(made, ETH="4")
    assert adopted(made) == []


@pytest.mark.parametrize(
    ("word", "adopt", "right"),
    [
        ("adopt", {"exit": {"stop_pct": 5, "blind_exit_after": "30m"}}, True),
        ("adopt", None, False),
        ("count", {"exit": {"stop_pct": 5, "blind_exit_after": "30m"}}, False),
        ("ignore", None, True),
    ],
)
def test_the_plan_is_stated_where_it_is_needed_and_only_there(
    word: str, adopt: object, *, right: bool
) -> None:
    """Adopting without a plan is refused, and so is a plan that nothing would ever have."""
    plain = desk("count").policy_set.deployment.model_dump(mode="json", by_alias=True)
    plain |= {"holdings_not_ours": word, "adopt": adopt}
    if right:
        assert DeploymentSpec.model_validate(plain).holdings_not_ours == word
        return
    with pytest.raises(ValueError, match="says how adopted coins are left"):
        DeploymentSpec.model_validate(plain)


@pytest.mark.parametrize("word", ["adopt", "ignore", "count"])
def test_what_somebody_bought_by_hand_is_ours_only_where_the_deployment_says_so(word: str) -> None:
    """A fill of no order of ours moves balances; adopted it has the plan that the set states."""
    made = desk(word)
    shown(made, "priced")
    turn(made)
    shown(made, "priced")
    bought = Fill(
        fill_id="theirs",
        venue_order_id="v-9",
        client_order_id="by hand",
        symbol=ETH,
        side=Side.BUY,
        quantity=Decimal(4),
        price=Decimal(50),
        fee=Decimal(0),
        maker=False,
        time=made.now,
    )
    made.venue.told.append(bought)
    this = turn(made, ETH="4", USD="-200")
    assert made.state.mismatches == 0
    assert this.account["portfolio.pnl_day_pct"] == pytest.approx(0.0)
    held = made.state.positions.get(ETH)
    assert (held is not None) is (word == "adopt")
    if held is not None:
        assert (held.quantity, held.strategy) == (Decimal(4), ADOPTED)
        assert held.plan.stop_pct == Decimal(10)
    assert made.state.cash["ETH"] == Decimal(4)
