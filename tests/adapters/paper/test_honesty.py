"""The venue under any sequence of events: what must be true after every single one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine.model.orders import Acknowledged, OrderForm, Side

if TYPE_CHECKING:
    from conftest import Desk

    from engine.model.orders import VenueOrder

PRICES = st.integers(95, 105).map(Decimal)
SIZES = st.sampled_from([Decimal("0.00012345"), Decimal("0.5"), Decimal(1), Decimal(3)])
SHOWN = st.one_of(st.none(), SIZES)
SIDES = st.sampled_from(Side)
LIMITED = st.sampled_from([OrderForm.POST_ONLY, OrderForm.LIMIT_IOC])


def text(value: Decimal | None) -> str | None:
    """As the desk takes numbers."""
    return None if value is None else str(value)


class Market(RuleBasedStateMachine):
    """Random quotes, books, trades, orders and cancels; beside them a plain account of truth."""

    def __init__(self, desk_class: type[Desk]) -> None:
        super().__init__()
        self.desk = desk_class(cash={"USD": "300", "BTC": "2"}, maker_bps="33.3", taker_bps="66.7")
        self.shown: dict[Side, dict[Decimal, Decimal]] = {side: {} for side in Side}
        self.traded: tuple[Decimal, Decimal] | None = None
        self.final: dict[str, VenueOrder] = {}
        self.told = 0

    def _begin(self, bids: dict[Decimal, Decimal], asks: dict[Decimal, Decimal]) -> None:
        """A new sample: this much can be had until the next."""
        self.shown = {Side.BUY: asks, Side.SELL: bids}

    @rule(bid=PRICES, spread=st.integers(0, 3), bid_size=SHOWN, ask_size=SHOWN)
    def quote(
        self, bid: Decimal, spread: int, bid_size: Decimal | None, ask_size: Decimal | None
    ) -> None:
        """The best prices move."""
        ask = bid + spread
        self._begin({bid: bid_size or Decimal(0)}, {ask: ask_size or Decimal(0)})
        self.traded = None
        self.desk.quote(text(bid), text(ask), text(bid_size), text(ask_size))

    @rule(bid=PRICES, sizes=st.lists(SIZES, min_size=4, max_size=4))
    def book(self, bid: Decimal, sizes: list[Decimal]) -> None:
        """A sample of two levels a side."""
        bids = {bid: sizes[0], bid - 1: sizes[1]}
        asks = {bid + 1: sizes[2], bid + 2: sizes[3]}
        self._begin(dict(bids), dict(asks))
        self.traded = None
        self.desk.book(
            [(str(p), str(s)) for p, s in bids.items()],
            [(str(p), str(s)) for p, s in asks.items()],
        )

    @rule(price=PRICES, size=SIZES, taker_sold=st.booleans())
    def trade(self, price: Decimal, size: Decimal, *, taker_sold: bool) -> None:
        """Somebody trades."""
        self.traded = (price, size)
        self.desk.trade(str(price), str(size), taker_sold=taker_sold)

    @rule(side=SIDES, form=LIMITED, quantity=SIZES, limit=PRICES, life_s=st.integers(1, 6))
    def limited(
        self, side: Side, form: OrderForm, quantity: Decimal, limit: Decimal, life_s: int
    ) -> None:
        """An order with a price."""
        self.traded = None
        expires = self.desk.clock.time.plus_s(life_s) if life_s < 6 else None
        self.desk.send(self.desk.approved(side, form, quantity, limit, expires))

    @rule(side=SIDES, quantity=SIZES)
    def market(self, side: Side, quantity: Decimal) -> None:
        """An order without one."""
        self.traded = None
        self.desk.send(self.desk.approved(side, OrderForm.MARKET_IOC, quantity))

    @rule()
    def wait(self) -> None:
        """Time passes without a word."""
        self.traded = None
        self.desk.wait(1)

    @precondition(lambda self: self.desk.orders())
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """A cancel of any order, and what it answers."""
        self.traded = None
        order = data.draw(st.sampled_from(self.desk.orders()))
        assert self.desk.cancel(order.venue_order_id) is not order.status.final

    @precondition(lambda self: self.desk.orders())
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """The same intent sent again changes nothing."""
        order = data.draw(st.sampled_from(self.desk.orders()))
        before = (self.desk.orders(), self.desk.fills(), self.desk.balances())
        again = self.desk.approved(
            order.side,
            order.form,
            order.quantity,
            order.limit_price,
            client_order_id=order.client_order_id,
        )
        assert self.desk.send(again) == Acknowledged(order.venue_order_id)
        assert (self.desk.orders(), self.desk.fills(), self.desk.balances()) == before

    @rule()
    def restart(self) -> None:
        """The venue is rebuilt from its reports; the market has to be seen again."""
        self.traded = None
        before = (self.desk.orders(), self.desk.fills(), self.desk.balances())
        venue = self.desk.new_venue()
        venue.restore(before[0], before[1], self.desk.deadlines)
        self.desk.venue = venue
        self._begin({}, {})
        assert (self.desk.orders(), self.desk.fills(), self.desk.balances()) == before

    @invariant()
    def every_new_fill_was_possible(self) -> None:
        """Each fill is within its limit, at a price that was shown or gone through, in size."""
        orders = {each.venue_order_id: each for each in self.desk.orders()}
        for fill in self.desk.fills()[self.told :]:
            limit = orders[fill.venue_order_id].limit_price
            sign = 1 if fill.side is Side.BUY else -1
            assert limit is None or sign * fill.price <= sign * limit
            if fill.maker:
                self._went_through(fill.side, fill.price, fill.quantity)
            else:
                assert self.shown[fill.side].get(fill.price, Decimal(0)) >= fill.quantity
                self.shown[fill.side][fill.price] -= fill.quantity
        self.told = len(self.desk.fills())

    def _went_through(self, side: Side, limit: Decimal, quantity: Decimal) -> None:
        """A maker's fill uses up a trade, or shown size, strictly beyond its limit."""

        def beyond(price: Decimal) -> bool:
            return price < limit if side is Side.BUY else price > limit

        if self.traded is not None:
            price, size = self.traded
            assert beyond(price)
            assert size >= quantity
            self.traded = (price, size - quantity)
            self._use(side, price, quantity)
            return
        prices = [each for each in sorted(self.shown[side]) if beyond(each)]
        left = quantity
        for price in prices if side is Side.BUY else reversed(prices):
            left -= self._use(side, price, left)
        assert left == 0

    def _use(self, side: Side, price: Decimal, quantity: Decimal) -> Decimal:
        used = min(self.shown[side].get(price, Decimal(0)), quantity)
        if used:
            self.shown[side][price] -= used
        return used

    @invariant()
    def no_balance_is_negative_and_money_is_conserved(self) -> None:
        """Balances are the genesis plus what fills moved, and only fees left the account."""
        usd, btc = Decimal(300), Decimal(2)
        for fill in self.desk.fills():
            sign = 1 if fill.side is Side.BUY else -1
            assert fill.fee >= 0
            btc += sign * fill.quantity
            usd -= sign * fill.quantity * fill.price + fill.fee
        balances = self.desk.balances()
        assert balances == {"USD": usd, "BTC": btc}
        assert min(balances.values()) >= 0

    @invariant()
    def fees_are_the_rate_rounded_up_once(self) -> None:
        """Over an order the fees are its rate, less than one step above it."""
        fees: dict[str, Decimal] = {}
        for fill in self.desk.fills():
            fees[fill.venue_order_id] = fees.get(fill.venue_order_id, Decimal(0)) + fill.fee
        for order in self.desk.orders():
            rate = "0.00333" if order.form is OrderForm.POST_ONLY else "0.00667"
            over = fees.get(order.venue_order_id, 0) - order.filled_notional * Decimal(rate)
            assert 0 <= over < Decimal("0.00000001")

    @invariant()
    def totals_are_the_sums_of_fills(self) -> None:
        """An order's filled quantity and notional are those of its fills, to the digit."""
        fills = self.desk.fills()
        for order in self.desk.orders():
            own = [each for each in fills if each.venue_order_id == order.venue_order_id]
            assert order.filled_quantity == sum((each.quantity for each in own), Decimal(0))
            assert order.filled_notional == sum((f.quantity * f.price for f in own), Decimal(0))
            assert order.filled_quantity <= order.quantity

    @invariant()
    def final_orders_never_change(self) -> None:
        """Filled and cancelled are for ever, and only post-only orders are ever open."""
        for order in self.desk.orders():
            if order.status.final:
                assert self.final.setdefault(order.venue_order_id, order) == order
            else:
                assert order.form is OrderForm.POST_ONLY
                assert order.venue_order_id not in self.final


@pytest.mark.long
def test_no_sequence_of_events_makes_the_venue_dishonest(desk_class: type[Desk]) -> None:
    """Whatever comes in whatever order, size, price, money and finality are kept."""
    run_state_machine_as_test(
        lambda: Market(desk_class),
        settings=settings(max_examples=100, stateful_step_count=40, deadline=None),
    )
