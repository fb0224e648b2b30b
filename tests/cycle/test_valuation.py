"""What things are worth: stated rates, last bids, and no invented number."""

from __future__ import annotations

from decimal import Decimal

import pytest
from cycle.small_sets import DEPLOYMENT
from cycle.trading_desk import BTC, DOGE, ETH, Bench, bench, product
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ledger.records import RecordKind
from engine.model.symbols import Symbol

BTC_USDC = Symbol("BTC", "USDC")
BTC_EUR = Symbol("BTC", "EUR")
USDC_USD = Symbol("USDC", "USD")


def deployment(unpriced: str = "block", not_ours: str = "count") -> str:
    """The base's Deployment with other words on coins without a price, and coins not ours."""
    text = DEPLOYMENT.replace("unpriced: block", f"unpriced: {unpriced}")
    return text.replace("holdings_not_ours: ignore", f"holdings_not_ours: {not_ours}")


def deposited(currency: str, amount: str, text: str | None = None) -> Bench:
    """A desk whose account was sent something from outside, which counts unless `text` differs."""
    made = bench(text or deployment())
    flow = {"currency": currency, "amount": amount}
    made.record(RecordKind.CASH_FLOW, {**flow})
    return made


UNPRICED = {
    "zero": ("zero", Decimal(10000)),
    "last, and there never was one": ("last", None),
    "block": ("block", None),
}


@pytest.mark.parametrize(("word", "equity"), UNPRICED.values(), ids=UNPRICED)
def test_a_coin_without_a_price_is_worth_what_the_deployment_says(
    word: str, equity: Decimal | None
) -> None:
    """Zero counts it as nothing; otherwise equity is unknown, and never a guess."""
    made = deposited("PEPE", "5", deployment(word))
    assert made.desk.valuation.equity(made.state) == equity


def test_coins_that_are_not_ours_count_only_where_the_deployment_says_so() -> None:
    """What our ledger did not buy is unseen with `ignore`, priced or not."""
    for not_ours, equity in (("ignore", 10000), ("count", 10100)):
        made = deposited("BTC", "1", deployment(not_ours=not_ours))
        made.quote(BTC, "100", "101")
        assert made.desk.valuation.equity(made.state) == equity


def test_a_coin_is_worth_its_bid_even_in_another_currency_with_a_rate() -> None:
    """A holding is priced by its own product, else by one in a currency with a stated rate."""
    made = deposited("BTC", "2")
    made.quote(BTC_EUR, "90", "91")
    assert made.desk.valuation.coin("BTC") is None
    made.quote(BTC_USDC, "98", "99")
    assert made.desk.valuation.coin("BTC") == Decimal(98)
    made.quote(BTC, "100", "101")
    assert made.desk.valuation.coin("BTC") == Decimal(100)
    assert made.desk.valuation.equity(made.state) == Decimal(10200)


def test_nothing_of_a_coin_is_worth_nothing_without_a_price() -> None:
    """A coin that was sold to the last unit needs no price to be worth zero."""
    made = deposited("PEPE", "5")
    flow = {"currency": "PEPE", "amount": "-5"}
    made.record(RecordKind.CASH_FLOW, {**flow})
    assert made.desk.valuation.equity(made.state) == Decimal(10000)
    assert made.desk.valuation.holding("USDC", Decimal(7)) == Decimal(7)


WITHOUT_A_BID = {
    "zero": ("zero", Decimal(10000)),
    "last": ("last", Decimal(10100)),
    "block": ("block", None),
}


@pytest.mark.parametrize(("word", "equity"), WITHOUT_A_BID.values(), ids=WITHOUT_A_BID)
def test_a_book_without_a_bid_leaves_a_coin_without_a_price(
    word: str, equity: Decimal | None
) -> None:
    """Only `last` goes on with the last bid; nothing is ever worth an ask."""
    made = deposited("BTC", "1", deployment(word))
    made.quote(BTC, "100", None)
    made.quote(BTC, None, "500")
    assert made.desk.valuation.equity(made.state) == equity


def test_what_is_at_risk_does_not_shrink_with_the_book() -> None:
    """A position whose book has no bid is worth nothing sure, and is at risk as before."""
    made = bench(deployment("zero"))
    made.hold(BTC, "1", "100")
    made.quote(BTC, "100", "101")
    made.quote(BTC, None, "101")
    assert made.desk.valuation.position(made.state, BTC) == Decimal(100)
    assert made.desk.valuation.coins(made.state) == Decimal(0)


def test_one_asset_in_two_products_is_valued_by_each() -> None:
    """A position is worth what its own product says, so the whole is never below its parts."""
    made = bench()
    made.hold(BTC, "1", "100")
    made.hold(BTC_USDC, "1", "100")
    made.quote(BTC, "100", "101")
    made.quote(BTC_USDC, "90", "91")
    valuation = made.desk.valuation
    assert valuation.position(made.state, BTC) == Decimal(100)
    assert valuation.position(made.state, BTC_USDC) == Decimal(90)
    assert valuation.coins(made.state) == Decimal(190)
    assert valuation.at_risk(made.state) == Decimal(190)


def test_a_coin_that_is_also_cash_is_counted_once() -> None:
    """A position in a stable coin with a stated rate is no second heap of the same coins."""
    made = bench()
    made.hold(USDC_USD, "1000", "1")
    made.quote(USDC_USD, "1", "1.01")
    assert made.desk.valuation.equity(made.state) == Decimal(10000)


def test_what_is_held_and_what_is_on_its_way_are_at_risk() -> None:
    """Positions at their bids, and working buys at their worst price for what is not filled."""
    made = bench()
    made.hold(BTC, "2", "100")
    made.hold(ETH, "10", "20", filled="4")
    made.hold(BTC, "1", "100", intent="exit", filled="0")
    made.quote(BTC, "110", "111")
    made.quote(ETH, "21", "22")
    valuation = made.desk.valuation
    assert valuation.at_risk(made.state) == 2 * 110 + 4 * 21 + 6 * 20
    assert valuation.at_risk(made.state, {ETH}) == 4 * 21 + 6 * 20
    with_its_fee = 6 * 20 * Decimal("1.004")
    assert valuation.cash_available(made.state, "USD") == 10000 - 200 - 80 - with_its_fee
    assert valuation.cash_available(made.state, "USDC") == 0


def test_what_cannot_be_priced_leaves_the_sum_unknown() -> None:
    """One position without a bid, or one buy without a rate, and nobody can say what is at risk."""
    made = bench()
    made.hold(BTC, "2", "100")
    valuation = made.desk.valuation
    assert valuation.position(made.state, BTC) is None
    assert valuation.position(made.state, ETH) == 0
    assert valuation.coins(made.state) is None
    assert valuation.equity(made.state) is None
    assert valuation.at_risk(made.state) is None
    made.quote(BTC)
    made.hold(BTC_EUR, "1", "50", filled="0")
    assert valuation.equity(made.state) is not None
    assert valuation.at_risk(made.state) is None
    assert valuation.pending_buy(next(iter(made.state.working.values()))) is None


DUST = {
    "nothing held": (None, "100", False),
    "enough to sell": ("0.01", "100", False),
    "worth less than the venue takes": ("0.01", "99", True),
    "a smaller size than the venue takes": ("0.0009", "9000", True),
    "no price": ("0.0009", None, False),
}


@pytest.mark.parametrize(("held", "bid", "dust"), DUST.values(), ids=DUST)
def test_dust_is_what_the_venue_would_not_take(
    held: str | None, bid: str | None, *, dust: bool
) -> None:
    """Too small to be sold is dust, where that is known; it is then no position."""
    made = bench()
    if held is not None:
        made.hold(BTC, held, "100")
    if bid is not None:
        made.quote(BTC, bid, "10000")
    assert made.desk.valuation.is_dust(made.state, BTC, product()) is dust
    assert made.desk.dust() == ({BTC} if dust else set())
    assert not made.desk.valuation.is_dust(made.state, BTC, None)


AMOUNTS = st.decimals("0.0001", "100", places=4)


@given(
    st.lists(st.tuples(st.sampled_from([BTC, ETH, BTC_USDC, DOGE]), AMOUNTS, AMOUNTS), max_size=6)
)
@settings(max_examples=40)
def test_the_whole_is_never_less_than_its_parts(
    trades: list[tuple[Symbol, Decimal, Decimal]],
) -> None:
    """Coins are worth at least every position in them, and equity is cash and coins together."""
    made = bench(cash="100000")
    for symbol, quantity, price in trades:
        made.hold(symbol, str(quantity), str(price))
        made.quote(symbol, str(price), str(price + 1))
    valuation, state = made.desk.valuation, made.state
    parts = [valuation.position(state, symbol) for symbol in state.positions]
    coins = valuation.coins(state)
    assert coins is not None
    assert coins >= sum(part for part in parts if part is not None)
    cash = sum(state.cash.get(name, Decimal(0)) for name in ("USD", "USDC"))
    assert valuation.equity(state) == cash + coins
