"""The functions of the language: two closed tables, so that nothing else can be called.

`FUNCTIONS` are pure and known to every backend; `SERIES_FUNCTIONS` are signatures only (the
producers live in `engine.series`). A series call with constant arguments is one fact whose name
is its canonical text, such as `change_pct("60m")`; `series_call` reads such a name back.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.expr.units import Unit
from engine.model.times import duration_s

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Arguments(Enum):
    """What a function takes, and what becomes of an argument that is undecided."""

    NUMBERS = "numbers"  # numbers of one unit; one undecided argument, and so is the result
    FACT = "fact"  # one fact; never undecided itself
    FACT_AND_VALUE = "fact_and_value"  # a fact, and what stands in when it is undecided
    COUNT_AND_FLAGS = "count_and_flags"  # a literal whole number, then flags, counted as Kleene


class Result(Enum):
    """How the type and the unit of the result follow from the arguments."""

    SAME = "same"  # type and unit of the arguments
    PCT = "pct"  # a number in percent
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Function:
    """One pure function.

    `least` and `most` bound the number of arguments (`most` None: any number). `of_known` is
    the meaning on known finite floats where `arguments` is NUMBERS, else None; a result that
    is not finite is undecided, so NaN here says "undecided".
    """

    name: str
    signature: str
    least: int
    most: int | None
    arguments: Arguments
    result: Result
    sentence: str
    of_known: Callable[..., float] | None = None

    @property
    def strict(self) -> bool:
        """Whether one undecided argument makes the result undecided."""
        return self.arguments is Arguments.NUMBERS


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _share_pct(part: float, whole: float) -> float:
    # The order of the two operations is part of the meaning: other orders differ in the last bit.
    return 100.0 * part / whole if whole != 0.0 else math.nan


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        Function(
            "abs",
            "abs(x)",
            1,
            1,
            Arguments.NUMBERS,
            Result.SAME,
            "the size of a number without its sign",
            abs,
        ),
        Function(
            "min",
            "min(a, b, ...)",
            2,
            None,
            Arguments.NUMBERS,
            Result.SAME,
            "the smallest of two or more numbers of one unit",
            min,
        ),
        Function(
            "max",
            "max(a, b, ...)",
            2,
            None,
            Arguments.NUMBERS,
            Result.SAME,
            "the largest of two or more numbers of one unit",
            max,
        ),
        Function(
            "clamp",
            "clamp(x, low, high)",
            3,
            3,
            Arguments.NUMBERS,
            Result.SAME,
            "`min(max(x, low), high)`",
            _clamp,
        ),
        Function(
            "share_pct",
            "share_pct(part, whole)",
            2,
            2,
            Arguments.NUMBERS,
            Result.PCT,
            "`100 * part / whole`, in percent; undecided when `whole` is 0",
            _share_pct,
        ),
        Function(
            "has",
            "has(fact)",
            1,
            1,
            Arguments.FACT,
            Result.FLAG,
            "whether the fact is known; itself never undecided",
        ),
        Function(
            "default",
            "default(fact, value)",
            2,
            2,
            Arguments.FACT_AND_VALUE,
            Result.SAME,
            "the fact where it is known, else the value",
        ),
        Function(
            "at_least",
            "at_least(n, flag, flag, ...)",
            2,
            None,
            Arguments.COUNT_AND_FLAGS,
            Result.FLAG,
            "true once n flags are true, false once fewer than n can be, else undecided",
        ),
    )
}


class SeriesArgument(Enum):
    """The kind of a constant in a series call."""

    DURATION = "duration"  # text such as "60m"
    WHOLE = "whole"  # a whole number of at least 1


@dataclass(frozen=True, slots=True)
class SeriesFunction:
    """The signature of one series function; `parameters` are (name, kind)."""

    name: str
    parameters: tuple[tuple[str, SeriesArgument], ...]
    unit: Unit
    low: float | None
    high: float | None
    sentence: str

    @property
    def signature(self) -> str:
        """How a call looks, with parameter names."""
        return f"{self.name}({', '.join(name for name, _ in self.parameters)})"


@dataclass(frozen=True, slots=True)
class SeriesCall:
    """One series function with its constants: durations as written (`60m`), whole numbers."""

    function: SeriesFunction
    arguments: tuple[str | int, ...]

    @property
    def name(self) -> str:
        """The canonical text, which is the name of the fact."""
        shown = (f'"{each}"' if isinstance(each, str) else str(each) for each in self.arguments)
        return f"{self.function.name}({', '.join(shown)})"


_WINDOW = (("window", SeriesArgument.DURATION),)
_COUNT_OF_BARS = (("n", SeriesArgument.WHOLE), ("bar", SeriesArgument.DURATION))

SERIES_FUNCTIONS: dict[str, SeriesFunction] = {
    function.name: function
    for function in (
        SeriesFunction(
            "change_pct",
            _WINDOW,
            Unit.PCT,
            -100.0,
            None,
            "change of the close over the window, in percent of the close at its start",
        ),
        SeriesFunction(
            "highest", _WINDOW, Unit.PRICE, 0.0, None, "highest high of the bars in the window"
        ),
        SeriesFunction(
            "lowest", _WINDOW, Unit.PRICE, 0.0, None, "lowest low of the bars in the window"
        ),
        SeriesFunction("mean", _WINDOW, Unit.PRICE, 0.0, None, "mean of the closes in the window"),
        SeriesFunction(
            "volume_ratio",
            (("short", SeriesArgument.DURATION), ("long", SeriesArgument.DURATION)),
            Unit.RATIO,
            0.0,
            None,
            "volume per second in the short window over volume per second in the long one",
        ),
        SeriesFunction(
            "volume_usd", _WINDOW, Unit.USD, 0.0, None, "traded value in the window, in dollars"
        ),
        SeriesFunction(
            "ema",
            _COUNT_OF_BARS,
            Unit.PRICE,
            0.0,
            None,
            "exponential mean of the closes, with weight 2 / (n + 1) on the newest bar",
        ),
        SeriesFunction(
            "rsi",
            _COUNT_OF_BARS,
            Unit.PCT,
            0.0,
            100.0,
            "relative strength index over n bars with Wilder's smoothing, 0 to 100",
        ),
        SeriesFunction(
            "atr_pct",
            _COUNT_OF_BARS,
            Unit.PCT,
            0.0,
            None,
            "average true range over n bars with Wilder's smoothing, in percent of the close",
        ),
        SeriesFunction(
            "zscore",
            _COUNT_OF_BARS,
            Unit.RATIO,
            None,
            None,
            "distance of the close from the mean of n closes, in their standard deviations",
        ),
        SeriesFunction(
            "volatility_pct",
            _WINDOW,
            Unit.PCT,
            0.0,
            None,
            "standard deviation of the bar-to-bar changes in the window, in percent",
        ),
    )
}

_SERIES_NAME = re.compile(r'([a-z][a-z0-9_]*)\(((?:"[0-9]{1,6}[smhd]"|[0-9]{1,4}|, )+)\)')


def series_argument(kind: SeriesArgument, text: str) -> str | int | None:
    """Read one constant of a series call (without quotes); None where it is not of its kind."""
    if kind is SeriesArgument.WHOLE:
        whole = re.fullmatch(r"[1-9][0-9]{0,3}", text)
        return int(text) if whole else None
    try:
        duration_s(text)
    except ValueError:
        return None
    return text


@lru_cache(maxsize=4096)
def series_call(name: str) -> SeriesCall | None:
    """Read the canonical name of a series fact back; None for any other name."""
    match = _SERIES_NAME.fullmatch(name)
    function = SERIES_FUNCTIONS.get(match[1]) if match else None
    if match is None or function is None:
        return None
    call = _bind(function, match[2].split(", "))
    return call if call is not None and call.name == name else None


def _bind(function: SeriesFunction, texts: Sequence[str]) -> SeriesCall | None:
    if len(texts) != len(function.parameters):
        return None
    bound = [
        series_argument(kind, text.strip('"'))
        for (_, kind), text in zip(function.parameters, texts, strict=True)
    ]
    known = tuple(each for each in bound if each is not None)
    return SeriesCall(function, known) if len(known) == len(bound) else None
