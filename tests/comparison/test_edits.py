"""What changed is told value by value: by meaning, never by spelling or place in a file."""

from __future__ import annotations

import pytest
from cycle.small_sets import EXECUTION, UNIVERSE, guards, limit, set_of
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.comparison.edits import edits_of

LIMIT = limit("value", "order.notional_usd <= params.max_usd", params="{max_usd: 500}")
NARROW = (
    "{name: narrow, intents: [entry], require: quote.spread_bps <= 20, on_breach: deny, "
    "stage: enforce}"
)
YOUNG = (
    "{name: young, intents: [entry], require: quote.age_s <= 5, on_breach: deny, stage: enforce}"
)
EXCLUDED = UNIVERSE.replace(
    "  max_symbols", "  exclude: [{symbol: BTC-USD, reason: it is held}]\n  max_symbols"
)
EDITS = {
    "a number": (
        (LIMIT,),
        (LIMIT.replace("500", "700"),),
        [("RiskLimit/value", "params.max_usd", "500", "700")],
    ),
    "a document added": ((), (LIMIT,), [("RiskLimit/value", "", "None", "a document")]),
    "a document removed": ((LIMIT,), (), [("RiskLimit/value", "", "a document", "None")]),
    "a number of a tier": (
        (),
        (UNIVERSE.replace("quote.spread_bps <= 100", "quote.spread_bps <= 90"),),
        [
            (
                "UniverseFilter/universe",
                "tiers.rest.require",
                "quote.spread_bps <= 100",
                "quote.spread_bps <= 90",
            )
        ],
    ),
    "the order of guards": (
        (guards(NARROW, YOUNG),),
        (guards(YOUNG, NARROW),),
        [
            (
                "ExecutionPolicy/orders",
                "guards.order of names",
                "['narrow', 'young']",
                "['young', 'narrow']",
            )
        ],
    ),
    "a guard removed": (
        (guards(NARROW, YOUNG),),
        (guards(YOUNG),),
        [
            ("ExecutionPolicy/orders", "guards.narrow.intents", "['entry']", "None"),
            ("ExecutionPolicy/orders", "guards.narrow.minimum", "False", "None"),
        ],
    ),
    "a rung": (
        (EXECUTION,),
        (EXECUTION.replace("time_to_live: 15s", "time_to_live: 20s"),),
        [("ExecutionPolicy/orders", "ladders.exit.0.time_to_live", "15s", "20s")],
    ),
    "a product excluded": (
        (),
        (EXCLUDED,),
        [
            ("UniverseFilter/universe", "exclude.BTC-USD.reason", "None", "it is held"),
            ("UniverseFilter/universe", "exclude.order of names", "None", "['BTC-USD']"),
        ],
    ),
}


def told(base: tuple[str, ...], head: tuple[str, ...]) -> list[tuple[str, str, str, str]]:
    """The edits in short, whole documents as that."""
    return [
        (
            each.document,
            each.dotted,
            *("a document" if isinstance(v, dict) else str(v) for v in (each.old, each.new)),
        )
        for each in edits_of(set_of(*base), set_of(*head))
    ]


@pytest.mark.parametrize(("base", "head", "expected"), EDITS.values(), ids=EDITS)
def test_an_edit_is_told_at_its_path(
    base: tuple[str, ...], head: tuple[str, ...], expected: list[tuple[str, str, str, str]]
) -> None:
    """Each edit with its old and its new value; named parts by their names."""
    found = told(base, head)
    assert found[: len(expected)] == expected
    assert all(each[0].partition("/")[0] == expected[0][0].partition("/")[0] for each in found)


@pytest.mark.parametrize(("base", "head", "_"), EDITS.values(), ids=EDITS)
def test_the_way_back_is_the_reverse(
    base: tuple[str, ...], head: tuple[str, ...], _: object
) -> None:
    """From head to base every edit has its sides exchanged, and nothing else is another."""
    back = [(document, path, new, old) for document, path, old, new in told(head, base)]
    assert back == told(base, head)


SPELLINGS = {
    "a number with zeros": (LIMIT, LIMIT.replace("500", "500.00")),
    "an expression with brackets": (
        LIMIT,
        LIMIT.replace("order.notional_usd <=", "(order.notional_usd) <="),
    ),
    "a duration in other units": (
        UNIVERSE,
        UNIVERSE.replace("leave_after: 10m", "leave_after: 600s"),
    ),
}


@pytest.mark.parametrize(("one", "other"), SPELLINGS.values(), ids=SPELLINGS)
def test_another_spelling_is_no_edit(one: str, other: str) -> None:
    """What the seal does not tell apart, a diff does not either."""
    assert edits_of(set_of(one), set_of(other)) == ()


@given(st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=15)
def test_no_edit_exactly_where_the_hash_is_the_same(one: int, other: int) -> None:
    """A set has edits against another if, and only if, it is another."""
    base, head = (set_of(LIMIT.replace("500", str(each))) for each in (one, other))
    assert (edits_of(base, head) == ()) == (base.hash == head.hash)
