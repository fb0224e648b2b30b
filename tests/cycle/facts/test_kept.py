"""Facts that are kept: never other than those that would be made anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import UNIVERSE, breaker
from cycle.trading_desk import BTC, DOGE, ETH, SOL, START, Bench, bench
from hypothesis import given
from hypothesis import strategies as st

from engine.cycle.desk import Round
from engine.cycle.facts.pace import symbol_pace_facts
from engine.cycle.facts.position import Holdings, position_facts
from engine.cycle.facts.standing import StandingFacts
from engine.ledger.records import RecordKind
from engine.ledger.state import Deed, Membership
from engine.model.market import ProductStatus
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.expr.nodes import Value
    from engine.ledger.bodies import Body

EXCLUDED = (
    f'{UNIVERSE}  exclude: [{{symbol: BTC-USD, reason: a test, until: "{START.plus_s(60)}"}}]\n'
)
WILD = breaker("wild", "quote.spread_bps > 50", scope="symbol")
TRIPPED: Body = {
    "breaker": "wild",
    "key": "BTC-USD",
    "scope": "symbol",
    "while_tripped": "reducing",
    "cancel": "entries",
    "on_trip": "hold",
    "text": "quote.spread_bps > 50",
    "resets_at": str(START.plus_s(3600)),
}


def halted(made: Bench) -> None:
    """The venue stops the product."""
    products = made.desk.products
    products[BTC] = replace(products[BTC], status=ProductStatus.HALTED)


def delisted(made: Bench) -> None:
    """The venue no longer tells of the product."""
    del made.desk.products[BTC]


def joined(made: Bench) -> None:
    """The product enters a tier."""
    made.state.universe[BTC] = Membership("core")


def tripped(made: Bench) -> None:
    """The product's breaker latches."""
    made.record(RecordKind.BREAKER_TRIPPED, TRIPPED)


def readmitted(made: Bench) -> None:
    """The product's exclusion ends."""
    made.wait(60)


def standing(made: Bench, kept: StandingFacts) -> dict[str, Value]:
    """What is kept of the product, asked now."""
    this = Round(1, made.now, universe=dict(made.state.universe))
    kept.renew(made.desk, this)
    return {**kept.of(made.desk, this, BTC, made.desk.valuation.rate("USD"))}


@pytest.mark.parametrize(
    ("happens", "fact", "value"),
    [
        (halted, "asset.status", "halted"),
        (delisted, "asset.status", None),
        (joined, "asset.tier", "core"),
        (tripped, "breaker.wild.tripped", True),
        (readmitted, "asset.excluded", False),
    ],
)
def test_what_stands_is_made_anew_when_something_happens(
    happens: Callable[[Bench], None], fact: str, value: Value | None
) -> None:
    """Whatever a standing fact depends on, its change is seen at the next look."""
    made, kept = bench(EXCLUDED, WILD), StandingFacts()
    before = standing(made, kept)
    assert before.get(fact) != value
    happens(made)
    after = standing(made, kept)
    assert after.get(fact) == value
    assert after == standing(made, StandingFacts())


def test_holdings_tell_of_each_product_what_its_own_facts_say() -> None:
    """Products that share their facts share them rightly: held, working or never touched."""
    made = bench()
    made.quote(BTC)
    made.hold(BTC)
    made.hold(ETH, filled="0")
    made.state.pace.note(Deed.LOSS, ADA, START)
    made.wait(60)
    holdings = Holdings(made.state, made.desk.valuation, made.now)
    for symbol in (SOL, BTC, ETH, ADA, DOGE):
        own = position_facts(made.state, made.desk.valuation, symbol, made.now)
        paces = symbol_pace_facts(made.state, symbol, made.now)
        assert holdings.facts(symbol) == own | paces
    assert holdings.facts(SOL) is holdings.facts(DOGE)


ADA = Symbol("ADA", "USD")
NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("account"), st.dictionaries(NAMES, st.integers(0, 2))),
        st.tuples(st.just("symbol"), st.dictionaries(NAMES, st.integers(0, 2))),
        st.tuples(st.just("distrust"), st.sets(NAMES)),
        st.tuples(st.just("distrust the account"), st.sets(NAMES)),
    )
)


@given(STEPS)
def test_a_round_never_tells_an_old_fact(
    steps: list[tuple[str, dict[str, float] | set[str]]],
) -> None:
    """After every change its mapping is what was told last, without what is distrusted.

    What the account is distrusted in, a product that says it of itself is still believed in.
    """
    this = Round(1, START)
    account: dict[str, float] = {}
    own: dict[str, float] = {}
    distrusted: set[str] = set()
    of_account: set[str] = set()
    this.tell(BTC, {})
    for what, told in steps:
        if what == "distrust the account":
            this.distrust_account(told)
            of_account |= set(told)
        elif isinstance(told, set):
            this.distrust(BTC, told)
            distrusted |= told
        elif what == "account":
            this.tell_account(told)
            account |= told
        else:
            this.tell(BTC, told)
            own |= told
        kept = {n: v for n, v in account.items() if n not in of_account}
        assert this.account == kept
        believed = {**kept, **own}
        assert this.facts(BTC) == {n: v for n, v in believed.items() if n not in distrusted}
        assert this.facts(BTC) is this.facts(BTC)
