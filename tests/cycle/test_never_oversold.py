"""Never more is sold than was bought: over fills, lost answers, cancels, halts and restarts.

Exits, stops, trims and a person's liquidate meet in one account; what the venue holds is counted
at the venue, not in our ledger.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from fakes.bench import BTC, SOL, Bench
from fakes.exchange import Answer
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.clockwork import Command
from engine.model.market import ProductStatus
from engine.model.orders import Side

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.symbols import Symbol

TRIMMING = """
kind: RiskLimit
metadata: {name: small, description: Little of a product and brought back within minutes.}
spec:
  scope: symbol
  intents: [entry, add]
  require: position.pct_after <= params.max_small_pct
  params: {max_small_pct: 0.6}
  on_breach: resize
  stage: enforce
  trim: {after: 1m, at_least_pct: 5}
"""
PRICES = {"up": (21_500, 54), "down": (19_100, 47), "flat": (20_000, 50)}


def _show(bench: Bench, word: str) -> None:
    for symbol, bid in zip((BTC, SOL), PRICES[word], strict=True):
        bench.quote(symbol, str(bid), str(bid * Decimal("1.0002")))


def _one_sided(bench: Bench, _number: int) -> None:
    bench.quote(BTC, "19000", None)


def _blind(bench: Bench, number: int) -> None:
    bench.quote(BTC, None, "19000")
    bench.clock.passes(600 * number)


def _working(bench: Bench, number: int) -> str | None:
    working = [each for each in bench.venue.book.values() if not each.status.final]
    return working[number % len(working)].venue_order_id if working else None


def _fill(bench: Bench, number: int) -> None:
    venue_id = _working(bench, number)
    if venue_id is not None:
        order = bench.venue.book[venue_id]
        left = (order.quantity - order.filled_quantity) * number / 10
        bench.venue.fill(venue_id, left.quantize(Decimal("0.00000001")))


def _end(bench: Bench, number: int) -> None:
    venue_id = _working(bench, number)
    if venue_id is not None:
        bench.venue.end(venue_id)


def _answer(answer: Answer) -> Callable[[Bench, int], None]:
    def act(bench: Bench, number: int) -> None:
        bench.venue.answers = [answer] * (number % 3 + 1)

    return act


def _status(bench: Bench, number: int) -> None:
    status = list(ProductStatus)[number % len(ProductStatus)]
    bench.desk.products[BTC] = replace(bench.desk.products[BTC], status=status)


def _order(verb: str) -> Callable[[Bench, int], None]:
    def act(bench: Bench, number: int) -> None:
        target = "" if number % 2 or verb != "liquidate" else "BTC-USD"
        bench.tick(Command(verb, target, "anna", "a drill"))

    return act


def _restart(bench: Bench, _number: int) -> None:
    bench.desk.recorder.state = bench.replayed()


def _lag(bench: Bench, _number: int) -> None:
    bench.venue.lags = not bench.venue.lags


def _settle(bench: Bench, _number: int) -> None:
    bench.venue.settle()


def _share(bench: Bench, number: int) -> None:
    bench.venue.taken_share = Decimal(number) / 9


ACTS: dict[str, Callable[[Bench, int], None]] = {
    **{word: (lambda bench, _number, word=word: _show(bench, word)) for word in PRICES},  # type: ignore[misc] # the word of the row
    "one_sided": _one_sided,
    "blind": _blind,
    "fill": _fill,
    "end": _end,
    "cross": _answer(Answer.CROSS),
    "reject": _answer(Answer.REJECT),
    "lose the answer": _answer(Answer.LOSE_RESPONSE),
    "lose the order": _answer(Answer.LOSE_REQUEST),
    "status": _status,
    "liquidate": _order("liquidate"),
    "halt": _order("halt"),
    "resume": _order("resume"),
    "restart": _restart,
    "lag": _lag,
    "settle": _settle,
    "share": _share,
}


def _covered(bench: Bench, symbol: Symbol) -> None:
    bought = sold = standing = Decimal(0)
    for order in bench.venue.book.values():
        if order.symbol != symbol:
            continue
        if order.side is Side.BUY:
            bought += order.filled_quantity
            continue
        sold += order.filled_quantity
        if not order.status.final:
            standing += order.quantity - order.filled_quantity
    unknown = bench.state.pending_sell(symbol)
    assert sold + standing <= bought
    assert bench.state.positions.get(symbol) is None or (
        unknown <= bench.state.positions[symbol].quantity
    )


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(1, 9)), max_size=20))
def test_sells_are_covered_whatever_happens(acts: list[tuple[str, int]]) -> None:
    """After every cycle: what was sold and what may still be sold is no more than was bought."""
    bench = Bench((TRIMMING,))
    for symbol, value in ((BTC, "60"), (SOL, "55")):
        bench.hold(symbol, value)
        bench.wait(10)
    for act, number in acts:
        ACTS[act](bench, number)
        bench.tick()
        bench.cycle()
        for symbol in (BTC, SOL):
            _covered(bench, symbol)
        bench.clock.passes(11 * number)
        bench.again()
    assert bench.replayed().positions == bench.state.positions
