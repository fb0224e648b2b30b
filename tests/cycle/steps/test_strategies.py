"""Strategies: what is wanted, how much of it, and why nothing was."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.cases import judged, reasons, situation, wish
from cycle.small_sets import documents, strategy
from cycle.trading_desk import BTC, DOGE, ETH, PLAN, SOL, Bench, bench

from engine.cycle.desk import Told
from engine.cycle.steps import strategies
from engine.ledger.state import Membership
from engine.model.orders import Intent, Mode
from engine.policyset.composing import compose

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


ADDING = {
    "signals": "{tight: quote.spread_bps <= 15}",
    "add": "{when: signals.tight, size_pct: '0.5', max_adds_count: 2}",
}
MORE = {
    "it gained": ({}, "99", "one", 0, (0.5, None)),
    "it is where it was": ({}, "99.95", "one", 0, (0.5, None)),
    "it lost": ({}, "101", "one", 0, (None, "ALREADY_HELD")),
    "it lost, and the strategy says that it may": (
        {"add": "{when: signals.tight, size_pct: '0.5', max_adds_count: 2, below_water: true}"},
        "101",
        "one",
        0,
        (0.5, None),
    ),
    "it added once": ({}, "99", "one", 1, (0.5, None)),
    "it added as often as it may": ({}, "99", "one", 2, (None, "ALREADY_HELD")),
    "another strategy holds it": ({}, "99", "two", 0, (None, "ALREADY_HELD")),
    "a strategy that is gone holds it": ({}, "99", "gone", 0, (None, "ALREADY_HELD")),
    "it does not trade the tier any more": (
        {"tiers": "[rest]"},
        "99",
        "one",
        0,
        (None, "ALREADY_HELD"),
    ),
    "a fact is missing": (
        {"signals": "{tight: regime.volatility_pct < 5}"},
        "99",
        "one",
        0,
        (None, "SIGNAL_UNDECIDED strategy=one missing=regime.volatility_pct"),
    ),
    "it is not sure": (
        {"conviction": "'0.1'"},
        "99",
        "one",
        0,
        (None, "LOW_CONVICTION strategy=one conviction=0.1 size_pct=0.5"),
    ),
    "it is weakly sure": (
        {"conviction": "'0.5'", "canary": "{below_conviction: 0.6, size_ratio: 0.5}"},
        "99",
        "one",
        0,
        (0.25, None),
    ),
}


@pytest.mark.parametrize(("spec", "price", "holder", "adds", "expected"), MORE.values(), ids=MORE)
def test_a_strategy_adds_only_to_its_own(
    spec: dict[str, str],
    price: str,
    holder: str,
    adds: int,
    expected: tuple[float | None, str | None],
) -> None:
    """More of what is held is wanted by its holder alone, not too often, and above water."""
    made = bench(strategy("one", **{**ADDING, **spec}), strategy("two"))
    made.hold(BTC, "2", price, strategy=holder)
    for _ in range(adds):
        made.hold(BTC, "2", price, strategy=holder, intent="add")
    made.quote()
    found, this = turn(made, (BTC, "core"))
    size, blocker = expected
    assert [float(each.size_pct) for each in found] == ([] if size is None else [size])
    assert [(each.intent, each.plan) for each in found] == [(Intent.ADD, PLAN)] * len(found)
    assert str(this.blockers.get(BTC)) == str(blocker)


def test_nothing_is_added_while_an_order_works() -> None:
    """One order a product at a time, also where the strategy would add."""
    made = bench(strategy("one", **ADDING))
    made.hold(BTC, "2", "99", strategy="one")
    made.hold(BTC, "2", "99", strategy="one", intent="add", filled="1")
    made.quote()
    found, this = turn(made, (BTC, "core"))
    assert (found, str(this.blockers[BTC])) == ((), "ORDER_WORKING")


NAMES = {
    "nothing is named": ({}, True),
    "the product": ({"symbols": "[BTC-USD]"}, True),
    "another product": ({"symbols": "[ETH-USD]"}, False),
    "its group": ({"groups": "[majors]"}, True),
    "another group": ({"groups": "[layers]"}, False),
    "another product, and its group": ({"symbols": "[ETH-USD]", "groups": "[majors]"}, True),
}


@pytest.mark.parametrize(("spec", "wanted"), NAMES.values(), ids=NAMES)
def test_a_strategy_has_a_universe_of_its_own(spec: dict[str, str], *, wanted: bool) -> None:
    """It proposes only what it names, and the judge lets no order of it pass that it does not."""
    made = bench(strategy("follower", **spec))
    made.quote()
    found, _ = turn(made, (BTC, "core"))
    assert bool(found) is wanted
    around = situation({"order.symbol": "BTC-USD", "asset.groups": frozenset({"majors"})})
    refused = reasons(judged(made.policy_set, wish(), around))
    assert refused == ([] if wanted else ["LIMIT_BREACHED:Strategy/follower#universe"])
    other = situation({"order.strategy": "other", "order.symbol": "BTC-USD"})
    assert judged(made.policy_set, wish(), other).verdict.allowed


def test_an_unknown_group_is_a_finding() -> None:
    """A group that the universe does not have would silence the strategy without a word."""
    found = compose(documents(strategy("one", groups="[majos]")), "test").diagnostics
    assert [(each.code, each.help) for each in found if each.severity.value == "error"] == [
        ("M380", "did you mean `majors`?")
    ]


def test_names_of_the_set_itself_are_no_parameters() -> None:
    """A parameter may not take the name that the set gives to a number of each strategy."""
    with pytest.raises(AssertionError, match="budget_at_risk_pct"):
        documents(strategy("one", params="{budget_at_risk_pct: 5}"))


def test_per_product_the_strongest_conviction_wins() -> None:
    """One order is asked for, by the surest; of two as sure, by the earlier in name."""
    made = bench(
        strategy("faint", conviction="'0.5'"),
        strategy("sure", conviction="'0.9'"),
        strategy("as_sure", conviction="'0.9'", size_pct="'1'"),
        strategy("silent", conviction="'1'", signals="{tight: quote.spread_bps < 1}"),
    )
    made.quote()
    found, _ = turn(made, (BTC, "core"))
    assert told(found) == [("BTC-USD", "as_sure", 0.9, Decimal(1))]


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
