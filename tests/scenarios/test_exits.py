"""Accidents of leaving: exits that were never reached, and a switch that sales went around.

Each test says what a naive engine does; here the cycle of production is held to the contrary.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import DEPLOYMENT, STRATEGY, UNIVERSE, breaker, limit, set_of
from cycle.trading_desk import BTC, ETH, Bench, ListVenue, done, product
from fakes.bench import Bench as Market

from engine.cycle import cycle
from engine.cycle.clockwork import Command
from engine.cycle.steps import strategies, universe, upkeep
from engine.model.market import ProductStatus
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.cycle.desk import Round
    from engine.model.market import Product

CAPPED = limit(
    "cap",
    "position.pct_after <= params.max_pct",
    scope="symbol",
    on_breach="resize",
    params="{max_pct: 1}",
    trim="{after: 1m, at_least_pct: 10}",
)
PURGED = (
    UNIVERSE.replace("<= 100", "<= 2").replace("<= 40", "<= 3").replace("<= 20", "<= 1")
    + "  purge: {after: 1m, slice_pct: 25, every: 1m}\n"
)


def turn(made: Bench, later_s: float = 60) -> Round:
    """One whole cycle of production, over a venue that takes every order."""
    made.venue.cash = dict(made.state.cash)
    this = done(cycle.run(made.desk, made.now))
    made.wait(later_s)
    return this


def holding(*texts: str) -> Bench:
    """A desk that bought two units of BTC at 100."""
    made = Bench(set_of(*texts))
    made.hold(BTC, "2", "100")
    return made


# A17: exits behind seven early returns, reached in one of ten cycles.


def _raise(*_anything: object) -> None:
    message = "a missing attribute"
    raise AttributeError(message)


LATER_STEPS = {"universe": universe, "strategies": strategies, "upkeep": upkeep}


@pytest.mark.parametrize("step", LATER_STEPS)
def test_a17_a_later_step_that_fails_keeps_no_position_in(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: one step's exception ends the cycle before the exits, which stand behind it.

    Here what comes after the exits may fail: it is noted and counted, and the stop was sold.
    """
    bench = Market()
    bench.hold()
    monkeypatch.setattr(LATER_STEPS[step], "run", _raise)
    bench.quote(next(iter(bench.state.positions)), "19000", "19004")
    this = bench.cycle()
    assert bench.state.positions == {}
    assert [note for note in this.notes if "AttributeError" in note]


def test_a17_ten_of_ten_cycles_look_at_the_exits() -> None:
    """Naive: no proposals, no fresh account, too few products: the cycle returns before exits.

    Here ten cycles in a row want out, whatever is missing in each, as long as there is a bid.
    """
    made = holding(STRATEGY, UNIVERSE.replace("max_symbols: 40", "max_symbols: 1"))
    made.hold(ETH, "1", "100", plan=replace(made.state.positions[BTC].plan, stop_pct=Decimal(90)))
    wanted = 0
    for minute in range(10):
        made.quote(BTC, "94", None if minute % 2 else "94.1")
        if minute % 3:
            made.quote(ETH, None, None)
        made.desk.health.account_read = None
        this = turn(made)
        wanted += any(told.intent.symbol == BTC for told in this.orders)
        for number in list(made.state.working):
            made.state.working.pop(number)
    assert wanted == 10


POSSIBLE = {
    ProductStatus.POST_ONLY: "post_only",
    ProductStatus.LIMIT_ONLY: "limit_ioc",
    ProductStatus.ONLINE: "limit_ioc",
}


@dataclass
class Restricted(ListVenue):
    """A venue whose BTC is in another status than online."""

    status: ProductStatus = ProductStatus.ONLINE

    async def products(self) -> Sequence[Product]:
        """BTC alone, as it stands."""
        return [product(status=self.status)]


@pytest.mark.parametrize(("status", "form"), POSSIBLE.items(), ids=str)
def test_a17_a_restricted_product_is_left_in_the_form_that_it_takes(
    status: ProductStatus, form: str
) -> None:
    """Naive: a taker order into a post-only product is rejected, every cycle, and given up.

    Here the stop rests at the touch, or takes by a limit, and is in the book in that cycle.
    """
    made = Bench(set_of(), venue=Restricted(status=status))
    made.hold(BTC, "2", "100")
    made.quote(BTC, "94", "94.1")
    turn(made)
    (sold,) = made.venue.sent
    assert (sold.intent.form.value, sold.quantity) == (form, Decimal(2))


def test_a17_a_stop_for_less_than_the_smallest_order_leaves() -> None:
    """Naive: the minimum order size, written for entries, refuses the protective order too.

    Here a minimum binds the intents that it names; only the venue's own minimum is asked of a
    stop, and what is below that is dust and told as such.
    """
    made = holding(limit("dust", "order.notional_usd >= 1000", minimum="true"))
    made.quote(BTC, "94", "94.1")
    turn(made)
    assert [each.quantity for each in made.venue.sent] == [Decimal(2)]


def test_a17_a_stopped_account_still_stops_its_losses() -> None:
    """Naive: trading "stops" at 10 % drawdown, exits as well, and the account goes on to 40 %.

    Here the breaker ends entries, and the position leaves at its stop.
    """
    made = holding(
        STRATEGY,
        breaker(
            "drawdown",
            "position.pnl_pct <= -2",
            scope="symbol",
            cancel="entries",
            reset="{rearm: {not_before: 24h, high_water_mark: reset}}",
        ),
    )
    made.quote(BTC, "97", "97.1")
    assert turn(made).orders == []
    assert made.state.latches
    made.quote(BTC, "94", "94.1")
    turn(made)
    assert [each.intent.intent for each in made.venue.sent] == [Intent.EXIT]


# A18: a switch that trims, purges and exits went around.

UPKEEP = {"a trim": (CAPPED, Intent.TRIM), "a purge": (PURGED, Intent.PURGE)}


@pytest.mark.parametrize(("text", "intent"), UPKEEP.values(), ids=UPKEEP)
def test_a18_upkeep_asks_the_switch_like_any_order(text: str, intent: Intent) -> None:
    """Naive: maintenance sells through the client directly, and the kill switch never sees it.

    Here it is denied while the switch is thrown, and sent by the same path once it is not.
    """
    made = holding(text)
    for _ in range(2):
        made.quote(BTC)
        turn(made, later_s=30)
    made.killed = "a test"
    made.quote(BTC)
    told = [(each.intent.intent, each.outcome) for each in turn(made).orders]
    assert (told, made.venue.sent) == ([(intent, "denied")], [])
    made.killed = None
    made.quote(BTC)
    turn(made)
    assert [each.intent.intent for each in made.venue.sent] == [intent]


@pytest.mark.parametrize(("text", "intent"), UPKEEP.values(), ids=UPKEEP)
def test_a18_the_switch_is_read_again_before_a_sale_of_upkeep(text: str, intent: Intent) -> None:
    """Naive: the switch is looked at once, at the start of the cycle.

    Here a switch that is thrown after the decision stops the very order that was approved.
    """
    made = holding(text)
    for _ in range(2):
        made.quote(BTC)
        turn(made, later_s=30)
    seen: list[None] = []

    def switch() -> str | None:
        seen.append(None)
        return "late" if made.state.decisions else None

    made.desk.kill_switch = switch
    made.quote(BTC)
    this = turn(made)
    told = [each for each in this.orders if each.intent.intent is intent]
    assert [each.outcome for each in told] == ["not sent: kill switch: late"]
    assert made.venue.sent == []


def test_a18_a_liquidation_waits_for_the_switch() -> None:
    """Naive: the panic button sells although somebody has pulled the plug a moment before.

    Here the plug is the stronger word: the sale is denied, and goes out when the file is gone.
    """
    bench = Market()
    bench.hold()
    bench.killed = "the engine misbehaves"
    bench.tick(Command("liquidate", "", "anna", "out"))
    bench.wait(1)
    bench.cycle()
    assert bench.state.positions != {}
    bench.killed = None
    bench.wait(1)
    bench.cycle()
    assert bench.state.positions == {}


# A data gap that became a fire sale.


def test_a_silent_feed_trims_nothing() -> None:
    """Naive: without prices equity is small, so every position is above its limit and is sold.

    Here a coin without a bid, counted as nothing by the set, stops every trim until it is back.
    """
    made = holding(CAPPED, DEPLOYMENT.replace("unpriced: block", "unpriced: zero"))
    made.hold(ETH, "90", "100")
    for _ in range(5):
        made.quote(BTC)
        made.quote(ETH, None, "100")
        turn(made)
    assert made.venue.sent == []
