"""What limits are measured by, on random histories, against an oracle that has no state.

Random products, prices, orders, partial fills, cancels, unknown outcomes, rejections, flows of
cash and restarts; after each step the facts that the judge would be given are worked out anew
from the list of records alone (`cycle.brute_force`), and must be the same.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.brute_force import Event, Mark, Oracle, World, results
from cycle.cases import wish
from cycle.small_sets import set_of
from cycle.trading_desk import BTC, DOGE, ETH, LISTED, SOL, Bench
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.orders.sending import situation_of
from engine.cycle.records.recorder import Recorder
from engine.cycle.records.recovery import recover
from engine.cycle.steps import flows
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.symbols import Symbol

SET = set_of()
NAMES = ("follower", "leader")
THEMES = {name: tuple(members) for name, members in SET.universe.groups.items()}
EXACT = 1e-9

times = st.integers(0, 200_000)
prices = st.decimals("1", "200", places=2)
amounts = st.decimals("0.001", "20", places=3)
parts = st.integers(0, 100)


class History:
    """A bench that trades by records, and keeps what the oracle is not allowed to ask it."""

    def __init__(self) -> None:
        self.bench = Bench(SET, cash="100000")
        self.marks: list[Mark] = []
        self.flowed = Decimal(0)
        self.spread: dict[Symbol, tuple[Decimal, Decimal]] = {}
        for symbol in LISTED:
            self.quote(symbol, Decimal(100))

    # What may happen

    def quote(self, symbol: Symbol, bid: Decimal) -> None:
        """Another price, ten bps wide."""
        ask = bid * Decimal("1.001")
        self.spread[symbol] = bid, ask
        self.bench.quote(symbol, str(bid), str(ask))

    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.bench.wait(seconds)

    def buy(self, symbol: Symbol, quantity: Decimal, strategy: str, part: int) -> None:
        """A buy that is filled in part; an addition where something is held."""
        held = symbol in self.bench.state.positions
        self._order(symbol, quantity, strategy, "add" if held else "entry", part)

    def sell(self, symbol: Symbol, part: int, stop: bool) -> None:  # noqa: FBT001 - drawn
        """A way out for all that no other sell takes."""
        held = self.bench.state.positions.get(symbol)
        free = held.quantity - self.bench.state.pending_sell(symbol) if held else Decimal(0)
        if held is not None and free > 0:
            ladder = "exit_stop" if stop else "exit"
            self._order(symbol, free, held.strategy, "exit", part, ladder)

    def _order(
        self,
        symbol: Symbol,
        quantity: Decimal,
        strategy: str,
        intent: str,
        part: int,
        ladder: str = "entry",
    ) -> None:
        filled = (quantity * part / 100).quantize(Decimal("0.0001"))
        self.bench.hold(
            symbol,
            str(quantity),
            str(self.spread[symbol][0]),
            strategy=strategy,
            intent=intent,
            filled=str(filled),
            ladder=ladder,
        )

    def more(self, part: int) -> None:
        """The oldest working order fills further, at the price of now."""
        for number, order in sorted(self.bench.state.working.items())[:1]:
            left = (order.remaining * max(part, 1) / 100).quantize(Decimal("0.0001"))
            amount = left or order.remaining
            price = str(self.spread[order.symbol][0])
            self.bench.fill(number, order.symbol, str(amount), price, order.side.value)

    def end(self, how: str) -> None:
        """The newest working order ends, or nobody knows any more."""
        for number, order in sorted(self.bench.state.working.items())[-1:]:
            body = {
                "intent": number,
                "client_order_id": order.client_order_id,
                "symbol": str(order.symbol),
                "reason": "a test",
                "would_cross": False,
            }
            if how == "cancelled":
                self.bench.record(RecordKind.CANCEL, body)
            self.bench.record(RecordKind(how), body)

    def flow(self, amount: Decimal) -> None:
        """Money comes in or goes out; never more than half of the cash goes."""
        cash = self.bench.state.cash["USD"]
        amount = max(amount, -cash / 2) if cash > 0 else abs(amount)
        amount = amount.quantize(Decimal("0.01"))
        self.flowed += amount
        body = {"currency": "USD", "amount": str(amount), "why": "a test", "who": "test"}
        self.bench.record(RecordKind.CASH_FLOW, body)

    def cycle(self) -> None:
        """A cycle settles what flowed, and marks the equity."""
        flows.settle(self.bench.desk, self.bench.now)
        equity = Oracle(self.events(), self.world()).equity()
        self.bench.close(str(equity))
        self.marks.append((self.bench.now.ns, equity, self.flowed))
        self.flowed = Decimal(0)

    def restart(self) -> None:
        """All that was in memory is gone."""
        state = recover(self.bench.journal.records()).state
        self.bench.desk.recorder = Recorder(self.bench.journal, state)

    # What is compared

    def events(self) -> list[Event]:
        """The records as plain data."""
        found = self.bench.journal.records()
        return [(each.kind.value, each.time.ns, dict(each.fields())) for each in found]

    def world(self) -> World:
        """Prices and rules of the desk."""
        return World(
            now=self.bench.now.ns,
            bids={str(symbol): bid for symbol, (bid, _) in self.spread.items()},
            asks={str(symbol): ask for symbol, (_, ask) in self.spread.items()},
            groups=THEMES,
        )


choose = st.sampled_from(LISTED)
STEPS: dict[str, st.SearchStrategy[Callable[[History], None]]] = {
    "quote": st.builds(lambda s, p: lambda h: h.quote(s, p), choose, prices),
    "wait": st.builds(lambda s: lambda h: h.wait(s), times),
    "moment": st.builds(lambda s: lambda h: h.wait(s), st.sampled_from([0, 1, 59, 60, 3600])),
    "buy": st.builds(
        lambda s, q, n, p: lambda h: h.buy(s, q, n, p),
        choose,
        amounts,
        st.sampled_from(NAMES),
        parts,
    ),
    "sell": st.builds(
        lambda s, p, x: lambda h: h.sell(s, p, x),
        choose,
        st.sampled_from([0, 40, 100]),
        st.booleans(),
    ),
    "more": st.builds(lambda p: lambda h: h.more(p), st.integers(1, 100)),
    "end": st.builds(
        lambda how: lambda h: h.end(how),
        st.sampled_from(["cancelled", "unknown", "not_seen", "rejected"]),
    ),
    "flow": st.builds(lambda a: lambda h: h.flow(a), st.decimals("-50000", "50000", places=2)),
    "cycle": st.just(lambda h: h.cycle()),
    "restart": st.just(lambda h: h.restart()),
}
histories = st.lists(st.one_of(*STEPS.values()), min_size=1, max_size=25)


def wanted(history: History, symbol: Symbol, strategy: str, price: Decimal) -> dict[str, object]:
    """What the oracle says of a buy at this limit."""
    oracle = Oracle(history.events(), history.world())
    found: dict[str, object] = {
        **oracle.exposure(str(symbol), strategy),
        **oracle.pace(str(symbol), strategy, "BUY"),
        "order.self_match": oracle.against(str(symbol), "BUY", price),
        "order.price_vs_mid_bps": oracle.beyond_mid_bps(str(symbol), "BUY", price),
    }
    if history.marks:
        last = (oracle.equity(), history.flowed)
        found |= results(history.marks, history.bench.now.ns, last)
    return found


@settings(max_examples=60)
@given(histories, choose, st.sampled_from(NAMES), prices)
def test_facts_are_what_the_records_say(
    steps: list[Callable[[History], None]], symbol: Symbol, strategy: str, price: Decimal
) -> None:
    """Exposure, pace, results and the order itself: production and oracle agree on every one."""
    history = History()
    for step in steps:
        step(history)
    bench = history.bench
    order = replace(wish(price=str(price)), symbol=symbol, strategy=strategy)
    situation = situation_of(bench.desk, bench.round(), order)
    for name, value in wanted(history, symbol, strategy, price).items():
        told = situation.facts.get(name)
        if isinstance(value, Decimal):
            assert told == pytest.approx(float(value), rel=EXACT, abs=1e-6), (name, told, value)
        else:
            assert told is value, name
    oracle = Oracle(history.events(), history.world())
    for group in situation.groups:
        own = float(oracle.group(str(group["group.name"])))
        assert group["portfolio.group_at_risk_usd"] == pytest.approx(own, rel=EXACT, abs=1e-6)


def test_the_check_can_fail() -> None:
    """A naive sum that forgets unknown orders differs from the oracle's, and so would be found."""
    history = History()
    history.buy(BTC, Decimal(3), "follower", 0)
    history.end("unknown")
    told = history.bench.round().account["portfolio.at_risk_usd"]
    naive = sum(
        (
            o.left * o.worst
            for o in Oracle(history.events(), history.world()).orders.values()
            if o.live and o.symbol != str(BTC)
        ),
        Decimal(0),
    )
    assert told == 300.0
    assert naive == 0
    assert {ETH, SOL, DOGE} < set(LISTED)
