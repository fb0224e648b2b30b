"""Facts of quotes and books, of an order against them, and of what nobody can believe."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.cases import wish
from cycle.small_sets import STRATEGY, UNIVERSE, set_of
from cycle.trading_desk import BTC, DOGE, ETH, SOL, START, Bench, bench

from engine.cycle.facts.ledger import ledger_facts
from engine.cycle.facts.market import depth_for, quote_age_s, quote_facts, total_depth
from engine.cycle.facts.order import order_facts
from engine.cycle.facts.portfolio import group_facts, portfolio_facts, strategy_facts
from engine.cycle.facts.series import series_facts
from engine.cycle.facts.universe import limit_groups
from engine.cycle.facts.venue import venue_facts
from engine.model.market import Book, BookLevel, Quote
from engine.model.orders import Intent, OrderForm, Side
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from engine.model.times import UtcTime

ONE = Decimal(1)
AGES = {
    "just now": (0.0, None, 0.0),
    "by receipt": (3.0, None, 3.0),
    "by the venue, which is older": (3.0, 5.0, 5.0),
    "by receipt, which is older": (3.0, 1.0, 3.0),
    "a second ahead is skew": (0.0, -1.0, 0.0),
    "further ahead is unknown": (0.0, -1.001, None),
    "received in the future": (-2.0, None, None),
}


@pytest.mark.parametrize(("received", "stamped", "age"), AGES.values(), ids=AGES)
def test_the_age_of_a_quote_is_the_larger_one(
    received: float, stamped: float | None, age: float | None
) -> None:
    """The age is the larger of receipt and venue stamp, and unknown when from the future."""
    stamp = None if stamped is None else START.plus_s(-stamped)
    quote = Quote(BTC, START.plus_s(-received), ONE, ONE, venue_time=stamp)
    assert quote_age_s(quote, START) == age
    assert quote_facts(quote, START).get("quote.age_s") == age


def test_a_crossed_quote_is_a_fact_about_the_market() -> None:
    """A bid above the ask is told as crossed, and a locked market is not."""
    crossed = quote_facts(Quote(BTC, START, Decimal(2), ONE), START)
    assert crossed["quote.crossed"] is True
    assert quote_facts(Quote(BTC, START, ONE, ONE), START)["quote.crossed"] is False
    assert quote_facts(None, START) == {}


def levels(*pairs: tuple[str, str]) -> tuple[BookLevel, ...]:
    """Levels of a book."""
    return tuple(BookLevel(Decimal(price), Decimal(size)) for price, size in pairs)


def booked(made: Bench, at: UtcTime) -> None:
    """A book with three levels a side around 100."""
    bids = levels(("99.9", "1"), ("99.8", "2"), ("99", "50"))
    asks = levels(("100.1", "3"), ("100.2", "4"), ("101", "50"))
    made.show(Book(BTC, at, bids, asks))


def test_depth_is_what_rests_near_the_mid_on_the_side_that_is_taken() -> None:
    """A buy takes asks and a sell takes bids, each within 20 bps of the mid."""
    made = bench()
    made.quote(BTC, "99.9", "100.1", size="7")
    booked(made, START)
    market = made.desk.market
    buy = depth_for(market, BTC, Side.BUY, ONE)
    sell = depth_for(market, BTC, Side.SELL, Decimal(2))
    assert buy == {"book.depth_20bps_usd": pytest.approx(3 * 100.1 + 4 * 100.2)}
    assert sell == {"book.depth_20bps_usd": pytest.approx(2 * (99.9 + 2 * 99.8))}
    every = 99.9 + 2 * 99.8 + 50 * 99 + 3 * 100.1 + 4 * 100.2 + 50 * 101
    assert total_depth(market, BTC, ONE) == {"book.depth_total_usd": pytest.approx(every)}


def test_a_newer_quote_is_a_lower_bound_of_the_depth() -> None:
    """An older book is not believed: the size at the touch is what is certainly there."""
    made = bench()
    booked(made, START.plus_s(-1))
    made.quote(BTC, "99.9", "100.1", size="7")
    depth = depth_for(made.desk.market, BTC, Side.BUY, ONE)
    assert depth == {"book.depth_20bps_usd": pytest.approx(7 * 100.1)}


NO_DEPTH = {
    "no rate": (("99.9", "100.1", "7"), None),
    "one side": (("99.9", None, "7"), ONE),
    "no sizes": (("99.9", "100.1", None), ONE),
}


@pytest.mark.parametrize(("shown", "rate"), NO_DEPTH.values(), ids=NO_DEPTH)
def test_unknown_depth_is_absent(
    shown: tuple[str, str | None, str | None], rate: Decimal | None
) -> None:
    """Where size, mid or rate is missing nobody knows the depth, and it is not zero."""
    made = bench()
    bid, ask, size = shown
    made.quote(BTC, bid, ask, size=size)
    assert depth_for(made.desk.market, BTC, Side.BUY, rate) == {}
    assert depth_for(made.desk.market, ETH, Side.BUY, ONE) == {}
    assert total_depth(made.desk.market, ETH, ONE) == {}


FORMS = {
    "a buy up to its collar": (Intent.ENTRY, OrderForm.LIMIT_IOC, "101", 100.0, 50.0, 60.0),
    "a sell down to its collar": (Intent.EXIT, OrderForm.LIMIT_IOC, "99", 100.0, 50.0, 60.0),
    "a buy that rests at the bid": (Intent.ENTRY, OrderForm.POST_ONLY, "99.5", -50.0, 0.0, 40.0),
    "a buy at any price": (Intent.ENTRY, OrderForm.MARKET_IOC, "100", 0.0, 50.0, 60.0),
}


@pytest.mark.parametrize(
    ("intent", "form", "worst", "beyond", "slippage", "fee"), FORMS.values(), ids=FORMS
)
def test_what_an_order_costs_follows_from_its_form(
    intent: Intent, form: OrderForm, worst: str, beyond: float, slippage: float, fee: float
) -> None:
    """Price against the mid is signed against us; slippage is half a spread; resting has none."""
    made = bench()
    quote = Quote(BTC, START, Decimal("99.5"), Decimal("100.5"))
    order = replace(wish(intent, price=worst), form=form)
    facts = order_facts(made.state, made.desk.valuation, order, quote, dust=set())
    told = ("order.price_vs_mid_bps", "order.slippage_bps", "order.fee_bps")
    assert [facts[name] for name in told] == pytest.approx([beyond, slippage, fee])


def test_without_a_mid_an_orders_price_is_against_nothing() -> None:
    """With one side missing there is no mid to be beyond; a market order has no limit price."""
    made = bench()
    order = replace(wish(Intent.EXIT), limit_price=None, conviction=None)
    for quote in (None, Quote(BTC, START, ONE, None), Quote(BTC, START, Decimal(0), Decimal(0))):
        facts = order_facts(made.state, made.desk.valuation, order, quote, dust=set())
        absent = {"order.price_vs_mid_bps", "order.slippage_bps"}
        assert not (absent | {"order.limit_price", "order.conviction"}) & set(facts)


OPENS = {
    "nothing held": (None, "2", Intent.ENTRY, True),
    "held": ("2", "2", Intent.ENTRY, False),
    "on its way": ("0", "2", Intent.ENTRY, False),
    "only dust is held": ("0.0005", "0.0005", Intent.ENTRY, True),
    "an exit opens nothing": (None, "2", Intent.EXIT, False),
}


@pytest.mark.parametrize(("held", "of", "intent", "opens"), OPENS.values(), ids=OPENS)
def test_an_order_opens_a_position_where_there_is_none(
    held: str | None, of: str, intent: Intent, *, opens: bool
) -> None:
    """Dust is no position, so an entry over dust opens one, and counts as one more."""
    made = bench()
    made.quote()
    if held is not None:
        made.hold(BTC, of, "100", filled=held)
    desk = made.desk
    facts = order_facts(made.state, desk.valuation, wish(intent), None, dust=desk.dust())
    assert facts["order.opens_position"] is opens
    account = portfolio_facts(
        made.state, desk.valuation, made.now, new_positions=0, dust=desk.dust()
    )
    if not intent.adds_risk:
        return
    assert account["portfolio.open_positions_count"] == (0.0 if opens else 1.0)


MEETS = {
    "a buy above our resting sell": (Intent.ENTRY, "101", "101", True),
    "a buy below it": (Intent.ENTRY, "100.9", "101", False),
    "a sell below our resting buy": (Intent.EXIT, "99", "99", True),
    "a sell above it": (Intent.EXIT, "99.1", "99", False),
    "at any price": (Intent.ENTRY, None, "101", True),
}


@pytest.mark.parametrize(("intent", "price", "resting", "meets"), MEETS.values(), ids=MEETS)
def test_an_order_that_would_meet_our_own_is_told(
    intent: Intent, price: str | None, resting: str, *, meets: bool
) -> None:
    """An order that reaches one of ours on the other side would trade with ourselves."""
    made = bench()
    other = "exit" if intent.adds_risk else "entry"
    made.hold(BTC, "1", resting, intent=other, filled="0")
    limit = None if price is None else Decimal(price)
    order = replace(wish(intent), limit_price=limit)
    assert ledger_facts(made.state, order, made.now)["order.self_match"] is meets
    same = replace(wish(Intent.EXIT if intent.adds_risk else Intent.ENTRY), limit_price=limit)
    assert ledger_facts(made.state, same, made.now)["order.self_match"] is False


def test_a_group_holds_what_its_members_hold() -> None:
    """A coin in two groups counts in both, one in none in `others`; working buys count too."""
    made = bench(STRATEGY)
    for symbol, filled in ((BTC, "1"), (ETH, "1"), (SOL, "0"), (DOGE, "1")):
        made.hold(symbol, "1", "100", filled=filled, strategy="follower" if filled == "1" else "b")
        made.quote(symbol, "100", "101")
    universe, valuation = set_of(UNIVERSE).universe, made.desk.valuation
    held = {
        name: group_facts(made.state, valuation, universe, name)["portfolio.group_at_risk_usd"]
        for name in ("majors", "layers", "others")
    }
    assert held == {"majors": 200.0, "layers": 200.0, "others": 100.0}
    assert limit_groups(universe, ETH) == ("layers", "majors")
    assert limit_groups(universe, DOGE) == ("others",)
    own = strategy_facts(made.state, valuation, "follower", orders=2)
    assert own["strategy.at_risk_usd"] == 300.0
    assert own["strategy.executions_since_arm_count"] == 3.0
    assert strategy_facts(made.state, valuation, "b", orders=0)["strategy.at_risk_usd"] == 100.0


def test_what_a_strategy_has_at_risk_is_unknown_where_a_part_is() -> None:
    """A position without a price leaves its strategy's exposure unknown, not smaller."""
    made = bench(STRATEGY)
    made.hold()
    facts = strategy_facts(made.state, made.desk.valuation, "follower", orders=0)
    assert "strategy.at_risk_usd" not in facts
    foreign = Symbol("BTC", "EUR")
    made.quote(foreign)
    made.hold(foreign, "1", "10", filled="0")
    this = made.round()
    facts = this.symbols[foreign]
    unknown = ("position.pending_buy_usd", "portfolio.cash_available_usd")
    assert not set(unknown) & set(facts)


def test_volumes_count_in_the_numeraire_or_not_at_all() -> None:
    """A volume in the quote currency is turned by its rate; without one it is unknown."""
    asked = 'volume_usd("5m") > 1000'
    made = bench(STRATEGY.replace("quote.spread_bps <= 15", asked))
    made.bars([100.0] * 10)
    made.quote()
    facts = series_facts(made.desk.market, BTC, made.now, Decimal(2))
    assert facts == {'volume_usd("5m")': 10_000.0}
    assert series_facts(made.desk.market, BTC, made.now, None) == {}


COINS = {
    "par": ("1", "0", 0.0),
    "below": ("0.97", "0", 3.0),
    "above": ("1.02", "5", 2.0),
    "unquoted and none of ours": (None, "0", 0.0),
    "unquoted, and we hold it": (None, "5", None),
}


@pytest.mark.parametrize(("bid", "held", "deviation"), COINS.values(), ids=COINS)
def test_a_stable_coin_is_watched_where_it_is_money_of_ours(
    bid: str | None, held: str, deviation: float | None
) -> None:
    """The distance from one, of the coins that a rate of one counts as dollars."""
    made = bench()
    made.state.cash["USDC"] = Decimal(held)
    if bid is not None:
        made.quote(Symbol("USDC", "USD"), bid, "2")
    found = venue_facts(made.desk, made.now).get("venue.stablecoin_deviation_pct")
    assert found == (None if deviation is None else pytest.approx(deviation))


def test_a_stable_coin_that_we_trade_in_must_be_quoted() -> None:
    """A product quoted in it is enough to need its price, though none of it is held."""
    made = bench()
    made.quote(Symbol("BTC", "USDC"))
    assert "venue.stablecoin_deviation_pct" not in venue_facts(made.desk, made.now)


# What breaks an invariant is not believed, for that product only.


def test_a_crossed_book_is_not_believed_and_only_for_that_product() -> None:
    """Bid and ask above each other are taken away from their product, and nobody else's."""
    made = bench()
    made.quote(BTC, "101", "99")
    made.quote(ETH)
    this = made.round()
    assert not {"quote.bid", "quote.ask"} & set(this.facts(BTC))
    assert {"quote.bid", "quote.ask"} <= set(this.facts(ETH))
    assert dict(this.broken_invariants) == {"quote.bid <= quote.ask": 1}
    assert set(this.distrusted) == {BTC}
    assert this.facts(BTC)["quote.crossed"] is True
