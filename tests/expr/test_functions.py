"""Functions: arity, meaning on known numbers, and the canonical names of series calls."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.expr.functions import (
    FUNCTIONS,
    SERIES_FUNCTIONS,
    Arguments,
    Function,
    SeriesArgument,
    SeriesCall,
    SeriesFunction,
    series_call,
)
from engine.expr.units import CONVERSIONS, Unit, conversion, product, quotient, unit_of_name

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def test_the_functions_are_those_of_the_language() -> None:
    """Nothing else can be called."""
    assert set(FUNCTIONS) == {
        "abs",
        "min",
        "max",
        "clamp",
        "has",
        "default",
        "share_pct",
        "at_least",
    }


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda each: each.name)
def test_only_number_functions_are_strict(function: Function) -> None:
    """A function over numbers has a meaning on floats and is strict; the others have neither."""
    strict = function.arguments is Arguments.NUMBERS
    assert (function.of_known is not None) == function.strict == strict
    assert function.signature.startswith(f"{function.name}(")


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("abs", (-2.5,), 2.5),
        ("min", (3.0, 1.0, 2.0), 1.0),
        ("max", (3.0, 1.0, 2.0), 3.0),
        ("clamp", (5.0, 1.0, 3.0), 3.0),
        ("clamp", (-5.0, 1.0, 3.0), 1.0),
        ("clamp", (2.0, 1.0, 3.0), 2.0),
        ("clamp", (2.0, 3.0, 1.0), 1.0),
        ("share_pct", (1.0, 8.0), 12.5),
        ("share_pct", (-1.0, 8.0), -12.5),
        ("share_pct", (0.07, 1.0), 100.0 * 0.07 / 1.0),
    ],
)
def test_meaning_on_known_numbers(name: str, arguments: tuple[float, ...], value: float) -> None:
    """Each function gives what its sentence says, to the last bit."""
    of_known = FUNCTIONS[name].of_known
    assert of_known is not None
    assert of_known(*arguments) == value


@given(FINITE, st.sampled_from([0.0, -0.0]))
def test_a_share_of_nothing_is_undecided(part: float, whole: float) -> None:
    """Dividing by zero gives no number, and raises nothing."""
    of_known = FUNCTIONS["share_pct"].of_known
    assert of_known is not None
    assert math.isnan(of_known(part, whole))


def _constants(function: SeriesFunction) -> st.SearchStrategy[tuple[str | int, ...]]:
    durations = st.builds("{}{}".format, st.integers(1, 999_999), st.sampled_from("smhd"))
    kinds = {SeriesArgument.DURATION: durations, SeriesArgument.WHOLE: st.integers(1, 9_999)}
    return st.tuples(*(kinds[kind] for _, kind in function.parameters))


@settings(deadline=None)
@given(st.sampled_from(list(SERIES_FUNCTIONS.values())).flatmap(
    lambda function: _constants(function).map(lambda values: SeriesCall(function, values))
))  # fmt: skip
def test_series_names_read_back(call: SeriesCall) -> None:
    """The canonical name of a series call reads back as that call."""
    assert series_call(call.name) == call


@pytest.mark.parametrize(
    "name",
    [
        "quote.bid",
        "ema",
        "ema()",
        "ema(20)",
        'ema(20,"1m")',
        'ema( 20, "1m")',
        'ema("1m", 20)',
        'ema(20, "1m", 3)',
        'ema(020, "1m")',
        'ema(0, "1m")',
        'ema(20, "0m")',
        'ema(20, "1m") ',
        'sma(20, "1m")',
        'change_pct("60m", )',
        'change_pct("60x")',
        "change_pct(60m)",
    ],
)
def test_other_spellings_are_no_series_facts(name: str) -> None:
    """Only the canonical spelling names a series fact."""
    assert series_call(name) is None


@pytest.mark.parametrize("function", SERIES_FUNCTIONS.values(), ids=lambda each: each.name)
def test_series_signatures_are_complete(function: SeriesFunction) -> None:
    """Each series function has parameters, a unit that its name announces, and a sentence."""
    assert function.sentence
    assert unit_of_name(function.name) in {None, function.unit}
    names = [name for name, _ in function.parameters]
    assert names
    assert function.signature == f"{function.name}({', '.join(names)})"


UNITS = [
    ("order.notional_usd", Unit.USD),
    ("quote.spread_bps", Unit.BPS),
    ("params.max_position_pct", Unit.PCT),
    ("params.min_volume_ratio", Unit.RATIO),
    ("quote.age_s", Unit.S),
    ("venue.latency_p95_ms", Unit.MS),
    ("position.hold_h", Unit.H),
    ("asset.listing_age_d", Unit.D),
    ("pace.orders_1m_count", Unit.COUNT),
    ("params.limit_price", Unit.PRICE),
    ("params.max_quantity", Unit.BASE),
    ("quote.jump_sigma_60s", None),
    ("params.atr", None),
    ("params.s", None),
]


@pytest.mark.parametrize(("name", "unit"), UNITS)
def test_suffixes_announce_units(name: str, unit: Unit | None) -> None:
    """The end of a name tells its unit, and a name without one tells none."""
    assert unit_of_name(name) is unit


def test_units_multiply_and_divide() -> None:
    """Money times a ratio is money, price times size is money, like over like is a ratio."""
    assert product(Unit.USD, Unit.RATIO) is Unit.USD
    assert product(Unit.COUNT, Unit.USD) is Unit.USD
    assert product(Unit.BASE, Unit.PRICE) is Unit.USD
    assert product(Unit.USD, Unit.USD) is None
    assert quotient(Unit.USD, Unit.USD) is Unit.RATIO
    assert quotient(Unit.USD, Unit.PRICE) is Unit.BASE
    assert quotient(Unit.USD, Unit.BASE) is Unit.PRICE
    assert quotient(Unit.USD, Unit.COUNT) is Unit.USD
    assert quotient(Unit.RATIO, Unit.USD) is None


@pytest.mark.parametrize(("larger", "smaller"), CONVERSIONS)
def test_conversions_go_both_ways(larger: Unit, smaller: Unit) -> None:
    """A declared factor converts down by multiplying and up by dividing."""
    factor = CONVERSIONS[larger, smaller]
    assert conversion(larger, smaller) == f"* {factor}"
    assert conversion(smaller, larger) == f"/ {factor}"


def test_unlike_units_do_not_convert() -> None:
    """There is no factor between money and time."""
    assert conversion(Unit.USD, Unit.S) is None
