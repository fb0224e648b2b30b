"""What a change allows is proved or shown: pairs of sets whose truth is known, both ways round."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import (
    DEPLOYMENT,
    EXECUTION,
    STRATEGY,
    UNIVERSE,
    breaker,
    guards,
    limit,
    set_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.comparison.proving.own_facts import readings
from engine.comparison.proving.permission import Permission, permission
from engine.model.orders import Intent

if TYPE_CHECKING:
    from engine.comparison.proving.permission import Finding
    from engine.policyset.policyset import PolicySet

VALUE = "order.notional_usd <= params.max_usd"
SHARE = "position.pct_after <= params.max_pct"
SPREAD = (
    "{name: spread, intents: [entry, add], require: quote.spread_bps <= 20, on_breach: deny, "
    "stage: enforce}"
)
OPEN = DEPLOYMENT.replace("read_only: true", "read_only: false")
WAIVER = """
kind: Waiver
metadata: {name: more, description: More for a while.}
spec:
  rule: RiskLimit/value
  scope: {symbols: [BTC-USD]}
  instead: {params: {max_usd: 900}}
  reason: a test of the proof
  approved_by: risk
  from: "2026-03-02T00:00:00Z"
  until: "2026-03-09T00:00:00Z"
  at_end: hold
"""


def value(usd: int, **spec: str) -> str:
    """A limit on an order's value."""
    return limit("value", VALUE, params=f"{{max_usd: {usd}}}", **spec)


def universe(old: str, new: str) -> str:
    """The base's universe with one text another."""
    assert UNIVERSE.count(old) == 1
    return UNIVERSE.replace(old, new)


def tabled(chop: int) -> str:
    """A limit by regime."""
    cases = f"bull: 500, chop: {chop}, bear: 100, crash: 100, unknown: 100"
    params = f"{{max_usd: {{by: regime.name, {cases}}}}}"
    return limit("value", VALUE, params=params)


def crash(pct: int) -> str:
    """A breaker of a product."""
    return breaker("crash", f'change_pct("15m") <= {pct}', scope="symbol")


def crossed(**spec: str) -> str:
    """A breaker of a product whose book is crossed."""
    return breaker("crossed", "quote.crossed", scope="symbol", **spec)


Texts = tuple[str, ...]
LOOSER: dict[str, tuple[Texts, Texts]] = {
    "a limit raised": ((value(500),), (value(501),)),
    "a limit removed": ((value(500),), ()),
    "a limit that only warns": ((value(500),), (value(500, stage="warn"),)),
    "a limit for fewer intents": ((value(500),), (value(500, intents="[add]"),)),
    "a limit in other modes": ((value(500),), (value(500, modes="[live]"),)),
    "a case of a table raised": ((tabled(200),), (tabled(300),)),
    "another operator": (
        (limit("count", "portfolio.open_positions_count < 5"),),
        (limit("count", "portfolio.open_positions_count <= 5"),),
    ),
    "a way around": (
        (limit("age", "quote.age_s <= 5"),),
        (limit("age", "quote.age_s <= 5 or order.continues"),),
    ),
    "doubt that no longer counts": (
        (limit("age", "quote.age_s <= 5"),),
        (limit("age", "default(quote.age_s, 0) <= 5"),),
    ),
    "of equity instead of money": (
        (limit("share", SHARE, params="{max_pct: 3}"),),
        (limit("share", SHARE, params="{max_pct: 4}"),),
    ),
    "a guard removed": (
        (guards(SPREAD),),
        (EXECUTION,),
    ),
    "a breaker removed": ((crash(-10),), ()),
    "a breaker that trips later": (
        (crash(-10),),
        (crash(-12),),
    ),
    "a tier widened": ((), (universe("quote.spread_bps <= 100", "quote.spread_bps <= 150"),)),
    "more patience": ((), (universe("leave_after: 10m", "leave_after: 20m"),)),
    "more products": ((), (universe("max_symbols: 40", "max_symbols: 41"),)),
    "another currency": ((), (universe("[USD]", "[USD, USDC]"),)),
    "an exclusion lifted": (
        (universe("  max_symbols", "  exclude: [{symbol: BTC-USD, reason: held}]\n  max_symbols"),),
        (),
    ),
    "orders may leave": ((), (OPEN,)),
    "a waiver": ((value(500),), (value(500), WAIVER)),
    "a waiver for longer": (
        (value(500), WAIVER),
        (value(500), WAIVER.replace("03-09", "03-10")),
    ),
    "a waiver from before": (
        (value(500), WAIVER),
        (value(500), WAIVER.replace("03-02", "03-01")),
    ),
    "a waiver for more products": (
        (value(500), WAIVER),
        (value(500), WAIVER.replace("[BTC-USD]", "[BTC-USD, ETH-USD]")),
    ),
    "a waiver for all products": (
        (value(500), WAIVER),
        (value(500), WAIVER.replace("{symbols: [BTC-USD]}", "{}")),
    ),
    "a waiver for more strategies": (
        (value(500), WAIVER.replace("[BTC-USD]", "[BTC-USD], strategies: [follower]"), STRATEGY),
        (value(500), WAIVER, STRATEGY),
    ),
    "a waiver for a group, and another asset in it": (
        (value(500), WAIVER.replace("symbols: [BTC-USD]", "groups: [layers]")),
        (
            value(500),
            WAIVER.replace("symbols: [BTC-USD]", "groups: [layers]"),
            universe("[ETH, SOL]", "[ETH, SOL, ADA]"),
        ),
    ),
    "a tightening waiver for fewer products": (
        (value(1000), WAIVER),
        (value(1000), WAIVER.replace("03-09", "03-08")),
    ),
}
SAME: dict[str, tuple[Texts, Texts]] = {
    "a quotient written as a product": (
        (limit("value", "order.notional_usd / 2 <= 250"),),
        (limit("value", "order.notional_usd <= 500"),),
    ),
    "de Morgan": (
        (limit("two", "not (quote.age_s > 5 or quote.spread_bps > 20)"),),
        (limit("two", "quote.age_s <= 5 and quote.spread_bps <= 20"),),
    ),
    "one limit as two": (
        (limit("both", "quote.age_s <= 5 and quote.spread_bps <= 20"),),
        (limit("age", "quote.age_s <= 5"), limit("spread", "quote.spread_bps <= 20")),
    ),
    "a table and its conditional": (
        (tabled(200),),
        (
            limit(
                "value",
                'order.notional_usd <= (500 if regime.name == "bull" else '
                '200 if regime.name == "chop" else 100)',
            ),
        ),
    ),
    "a limit behind a tighter one": (
        (value(500),),
        (value(500), limit("late", VALUE, params="{max_usd: 800}")),
    ),
    "a range makes it idle": ((), (limit("idle", "quote.age_s >= 0 or not has(quote.age_s)"),)),
    "fewer than four are at most three": (
        (limit("count", "portfolio.open_positions_count < 4"),),
        (limit("count", "portfolio.open_positions_count <= 3"),),
    ),
    "half an order": (
        (limit("count", "pace.orders_1h_count <= 3"),),
        (limit("count", "pace.orders_1h_count <= 3.5"),),
    ),
    "shrinking or denying": ((value(500),), (value(500, on_breach="resize"),)),
}


def asked(base: Texts, head: Texts, intent: Intent = Intent.ENTRY) -> Finding:
    """One intent's finding, in a deployment whose orders may leave."""
    one, other = (_set(texts) for texts in (base, head))
    (found,) = permission(*readings(one, other), [intent])
    return found


def _set(texts: Texts) -> PolicySet:
    stated = any("kind: Deployment" in each for each in texts)
    return set_of(*texts) if stated else set_of(OPEN, *texts)


@pytest.mark.long
@pytest.mark.parametrize(("base", "head"), LOOSER.values(), ids=LOOSER)
def test_a_looser_set_is_shown_and_the_tighter_proved(base: Texts, head: Texts) -> None:
    """One way a confirmed order that only the head lets through; the other way a proof."""
    if head == (OPEN,):
        base = (DEPLOYMENT,)
    found = asked(base, head)
    assert found.permission is Permission.LOOSER
    assert found.witness is not None
    assert found.witness.refused_by
    assert found.witness.state.facts["order.intent"] == "entry"
    assert asked(head, base).permission is Permission.NOT_LOOSER


@pytest.mark.parametrize(("base", "head"), SAME.values(), ids=SAME)
def test_what_means_the_same_is_proved_the_same(base: Texts, head: Texts) -> None:
    """A refactor is proved equivalent, both ways."""
    for one, other in ((base, head), (head, base)):
        assert asked(one, other).permission is Permission.NOT_LOOSER


def test_an_exit_is_not_stopped_by_what_binds_entries() -> None:
    """Limits of entries change nothing for exits; a limit that names exits does."""
    for base, head, expected in (
        ((value(500),), (), Permission.NOT_LOOSER),
        ((value(500, intents="[exit]"),), (), Permission.LOOSER),
        ((crossed(),), (), Permission.NOT_LOOSER),
        ((crossed(while_tripped="halted"),), (), Permission.LOOSER),
    ):
        assert asked(base, head, Intent.EXIT).permission is expected


def test_a_witness_is_easy_to_picture() -> None:
    """Everything known, the planned equity, a size in whole cents, a product that people know."""
    found = asked((value(500),), (value(700),)).witness
    assert found is not None
    assert found.state.missing == frozenset()
    size = found.state.facts["order.notional_usd"]
    assert isinstance(size, float)
    assert 500 < size <= 700
    assert size == round(size, 2)
    share = asked(
        (limit("share", SHARE, params="{max_pct: 3}"),),
        (limit("share", SHARE, params="{max_pct: 4}"),),
    ).witness
    assert share is not None
    assert share.state.facts["portfolio.equity_usd"] == 20_000.0


def test_a_witness_counts_in_whole_numbers() -> None:
    """Nobody has 3.000001 positions, whatever a limit between whole numbers says."""
    few, many = (
        (limit("count", f"portfolio.open_positions_count * 2 <= {most}"),) for most in (7, 9)
    )
    found = asked(few, many).witness
    assert found is not None
    assert found.state.facts["portfolio.open_positions_count"] == 4.0


LIMITS = st.integers(1, 40)


@given(LIMITS, LIMITS, LIMITS, LIMITS)
@settings(max_examples=12)
def test_two_limits_at_once(age: int, spread: int, new_age: int, new_spread: int) -> None:
    """Looser exactly where one of two independent limits was raised."""

    def pair(one: int, other: int) -> Texts:
        return (
            limit("age", "quote.age_s <= params.max_age_s", params=f"{{max_age_s: {one}}}"),
            limit("spread", "quote.spread_bps <= params.max_bps", params=f"{{max_bps: {other}}}"),
        )

    found = asked(pair(age, spread), pair(new_age, new_spread))
    assert (found.permission is Permission.LOOSER) == (new_age > age or new_spread > spread)
