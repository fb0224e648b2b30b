"""Strategies: what is wanted, how much of it, and why nothing was."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.cases import judged, wish
from cycle.small_sets import strategy
from cycle.trading_desk import BTC, DOGE, ETH, SOL, Bench, bench

from engine.cycle.desk import Told
from engine.cycle.steps import strategies
from engine.ledger.state import Membership
from engine.model.orders import Mode

if TYPE_CHECKING:
    from engine.cycle.desk import Round
    from engine.cycle.steps.strategies import Proposal
    from engine.model.symbols import Symbol


def turn(made: Bench, *tiers: tuple[Symbol, str]) -> tuple[tuple[Proposal, ...], Round]:
    """One cycle's proposals, with these members in the universe."""
    this = made.round()
    this.universe = {symbol: Membership(tier) for symbol, tier in tiers}
    return strategies.run(made.desk, this), this


def told(found: tuple[Proposal, ...]) -> list[tuple[str, str, float, Decimal]]:
    """What each proposal wants."""
    return [
        (str(each.symbol), each.strategy.name, each.conviction, each.size_pct) for each in found
    ]


SIZES = {
    "a sure one asks for all": ({"conviction": "0.8"}, 0.8, "2"),
    "at the canary's bound it is sure": (
        {"conviction": "0.6", "canary": "{below_conviction: 0.6, size_ratio: 0.25}"},
        0.6,
        "2",
    ),
    "below it, a share": (
        {"conviction": "0.59", "canary": "{below_conviction: 0.6, size_ratio: 0.25}"},
        0.59,
        "0.5",
    ),
    "at the least conviction it still asks": (
        {"conviction": "0.3", "min_conviction": "0.3"},
        0.3,
        "2",
    ),
    "no conviction is above one": ({"conviction": "1.7"}, 1.0, "2"),
    "money is exact from here on": ({"size_pct": "0.1 + 0.2"}, 1.0, "0.30000000000000004"),
    "by the regime, which nobody knows": (
        {
            "size_pct": "params.size_pct",
            "params": (
                "{size_pct: {by: regime.name, bull: 4, chop: 3, bear: 2, crash: 0, unknown: 1}}"
            ),
        },
        1.0,
        "1",
    ),
    "by its signals": (
        {"conviction": "0.5 if signals.tight else 0.9"},
        0.5,
        "2",
    ),
}


@pytest.mark.parametrize(("spec", "conviction", "size"), SIZES.values(), ids=SIZES)
def test_a_proposal_says_how_sure_and_how_much(
    spec: dict[str, str], conviction: float, size: str
) -> None:
    """Conviction and size are the document's numbers, the canary's share taken where in doubt."""
    quoted = {
        name: f"'{text}'" if name in {"conviction", "size_pct"} else text
        for name, text in spec.items()
    }
    made = bench(strategy("one", **quoted))
    made.quote()
    found, this = turn(made, (BTC, "core"))
    assert told(found) == [("BTC-USD", "one", conviction, Decimal(size))]
    assert found[0].reason == "tight:true"
    assert this.blockers == {}


REFUSALS = {
    "its signal is false": (
        {"signals": "{tight: quote.spread_bps <= 5}"},
        "NO_SIGNAL strategy=one signals=tight:false",
    ),
    "its signal is undecided": (
        {"signals": "{tight: regime.volatility_pct < 5}"},
        "SIGNAL_UNDECIDED strategy=one missing=regime.volatility_pct",
    ),
    "one of two signals is undecided and it does not matter": (
        {
            "signals": "{odd: regime.volatility_pct < 5, tight: quote.spread_bps <= 5}",
            "entry": "signals.odd and signals.tight",
        },
        "NO_SIGNAL strategy=one signals=odd:undecided tight:false",
    ),
    "its tier is another": ({"tiers": "[rest]"}, "NO_STRATEGY strategy=one tier=core"),
    "it is not sure enough": (
        {"conviction": "'0.39'"},
        "LOW_CONVICTION strategy=one conviction=0.39 size_pct=2",
    ),
    "it asks for nothing": (
        {"size_pct": "'0'"},
        "LOW_CONVICTION strategy=one conviction=1 size_pct=0",
    ),
    "it asks for less than nothing": (
        {"size_pct": "'-1'"},
        "LOW_CONVICTION strategy=one conviction=1 size_pct=-1",
    ),
    "its conviction is undecided": (
        {"conviction": "'regime.volatility_pct / 5'"},
        "SIGNAL_UNDECIDED strategy=one missing=conviction or size_pct",
    ),
    "its size is undecided": (
        {"size_pct": "'regime.volatility_pct'"},
        "SIGNAL_UNDECIDED strategy=one missing=conviction or size_pct",
    ),
    "it is not enabled": ({"enabled": "false"}, "NO_STRATEGY"),
}


@pytest.mark.parametrize(("spec", "blocker"), REFUSALS.values(), ids=REFUSALS)
def test_who_proposes_nothing_is_told_why(spec: dict[str, str], blocker: str) -> None:
    """The first blocker of a product names the strategy and what it saw or missed."""
    made = bench(strategy("one", **spec))
    made.quote()
    found, this = turn(made, (BTC, "core"))
    assert found == ()
    assert str(this.blockers[BTC]) == blocker


WAYS = {
    "outside of the universe": ((), None, "NOT_IN_UNIVERSE"),
    "held already": (((BTC, "core"),), "2", "ALREADY_HELD"),
    "an order is on its way": (((BTC, "core"),), "0", "ORDER_WORKING"),
    "dust is no position": (((BTC, "core"),), "0.0005", None),
}


@pytest.mark.parametrize(("tiers", "held", "blocker"), WAYS.values(), ids=WAYS)
def test_what_is_held_or_outside_is_not_asked_for(
    tiers: tuple[tuple[Symbol, str], ...], held: str | None, blocker: str | None
) -> None:
    """A strategy opens positions: where there is one, or an order for one, nothing is proposed."""
    made = bench(strategy("one"))
    made.quote()
    if held is not None:
        made.hold(BTC, "2" if held == "0" else held, "100", filled=held)
    found, this = turn(made, *tiers)
    assert bool(found) is (blocker is None)
    if blocker is not None:
        assert str(this.blockers[BTC]) == blocker


def test_per_product_the_strongest_conviction_wins() -> None:
    """Several strategies may want one product; one order is asked for, by the surest of them."""
    made = bench(
        strategy("faint", conviction="'0.5'"),
        strategy("sure", conviction="'0.9'"),
        strategy("twin", conviction="'0.9'", size_pct="'1'"),
        strategy("silent", conviction="'1'", signals="{tight: quote.spread_bps < 1}"),
    )
    made.quote()
    found, _ = turn(made, (BTC, "core"))
    assert told(found) == [("BTC-USD", "twin", 0.9, Decimal(1))]


def test_proposals_come_strongest_first_and_then_by_name() -> None:
    """The order in which limits are used up follows from conviction and names, and is fixed."""
    made = bench(strategy("one", conviction="'0.9 if quote.bid > 150 else 0.5'"))
    for symbol in (SOL, ETH, BTC):
        made.quote(symbol)
    made.quote(DOGE, "200", "200.1")
    found, _ = turn(made, *((each, "core") for each in (BTC, ETH, SOL, DOGE)))
    assert [each.symbol for each in found] == [DOGE, BTC, ETH, SOL]


def test_the_first_blocker_is_that_of_the_first_strategy() -> None:
    """Where all refuse, the first by name is the one that is told."""
    made = bench(strategy("b_low", conviction="'0.1'"), strategy("a_tier", tiers="[rest]"))
    made.quote()
    _, this = turn(made, (BTC, "core"))
    assert str(this.blockers[BTC]) == "NO_STRATEGY strategy=a_tier tier=core"


def test_proposing_moves_nothing() -> None:
    """A strategy is a function of facts: asked twice it says the same, and records nothing."""
    made = bench(strategy("one"), mode=Mode.DRY_RUN)
    made.quote()
    before = made.journal.last
    assert told(turn(made, (BTC, "core"))[0]) == told(turn(made, (BTC, "core"))[0])
    assert made.journal.last == before


def test_only_the_second_strategy_may_want_it() -> None:
    """A strategy of another tier stands aside for one that trades the product's."""
    made = bench(strategy("a_rest", tiers="[rest]"), strategy("b_rest", tiers="[rest]"))
    made.quote()
    assert turn(made, (BTC, "core"))[0] == ()
    made = bench(strategy("a_rest", tiers="[rest]"), strategy("b_core"))
    made.quote()
    assert [each.strategy.name for each in turn(made, (BTC, "core"))[0]] == ["b_core"]


def test_what_was_asked_for_in_this_cycle_is_not_asked_again() -> None:
    """A product that had an order in this cycle, as an exit or a next rung, is left alone."""
    made = bench(strategy("one"))
    made.quote()
    this = made.round()
    this.universe = {BTC: Membership("core")}
    decision = judged(made.policy_set, wish())
    this.orders.append(Told("an id", wish(), decision, "sent"))
    assert strategies.run(made.desk, this) == ()
    assert this.blockers == {}
