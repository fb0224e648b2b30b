"""Facts as a test states them, made into values by cycle.

In: a name and what stands behind it, the vocabulary. Out: `Track`, one value a cycle, by the
name of a base fact. Refuses names that the set does not know, values of another type or beyond
what is possible, and facts that the engine tells itself: those of the order, of the product and
of the time, and what is defined by other facts. Nothing here invents a fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from engine.checks.notation import NotationError, parse_series
from engine.errors import Diagnostic, Snippet
from engine.expr.backends.values import is_known
from engine.expr.checking import suggest
from engine.expr.grammar import parse
from engine.expr.nodes import Fact
from engine.expr.vocabulary import FactType
from engine.policyset.reading.scalars import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.errors import Place
    from engine.expr.nodes import Value
    from engine.expr.vocabulary import FactSpec, Vocabulary
    from engine.kinds.base import Plain

    class Placing(Protocol):
        """Where a value stands, or one of its elements."""

        def __call__(self, *below: int) -> Place:
            """The place."""
            ...


MISSING = "_"
_ORDER = "write it under `order`"
_PRODUCT = "write it under `product`, or name another symbol"
_QUOTE = "state `quote.bid` and `quote.ask`; `_` is a side that is missing"
_TOLD: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "order.symbol",
            "order.base",
            "order.quote_currency",
            "order.side",
            "order.intent",
            "order.type",
            "order.strategy",
            "order.quantity",
            "order.notional_usd",
            "order.limit_price",
            "order.conviction",
            "order.fee_bps",
            "order.slippage_bps",
            "order.price_vs_mid_bps",
            "strategy.name",
        ),
        _ORDER,
    ),
    **dict.fromkeys(
        (
            "asset.symbol",
            "asset.groups",
            "asset.excluded",
            "asset.base_increment",
            "asset.price_increment",
            "asset.min_notional_usd",
            "group.name",
        ),
        _PRODUCT,
    ),
    "quote.crossed": _QUOTE,
    "quote.one_sided": _QUOTE,
    "clock.hour_utc": "write the time under `at`",
    "clock.weekday_utc": "write the time under `at`",
    "engine.mode": "write it under `mode`",
}
_TOLD_GROUPS: Mapping[str, str] = {
    "breaker": "name it under `tripped`, or state the facts that trip it",
    "waiver": "write a time in which it is in force under `at`",
    "policy": "it is a number of the set; state the facts that it is compared with",
    "limit": "state the facts that the limit is about",
}
_TYPES: Mapping[FactType, str] = {
    FactType.NUMBER: "a number, or a series such as `1+2x3`",
    FactType.TEXT: "text",
    FactType.ENUM: "text",
    FactType.FLAG: "true or false",
    FactType.TEXT_SET: "nothing that a test can state",
}


_KNOWN_GROUPS = frozenset({"breaker", "waiver", "clock"})
_KNOWN = frozenset(
    {
        "order.symbol",
        "order.base",
        "order.quote_currency",
        "order.side",
        "order.intent",
        "order.type",
        "order.strategy",
        "order.quantity",
        "order.fee_bps",
        "strategy.name",
        "asset.symbol",
        "asset.groups",
        "asset.excluded",
        "asset.tier",
        "group.name",
        "engine.mode",
        "engine.stage",
        "engine.read_only",
    }
)


def always_known(name: str) -> bool:
    """Whether the engine tells a fact whatever happens."""
    return name in _KNOWN or name.partition(".")[0] in _KNOWN_GROUPS


@dataclass(frozen=True, slots=True)
class Track:
    """What is known of one fact: the same in all cycles, or a value for each of them.

    `told` is how the test wrote it. Where it is `over`, it is missing in every later cycle.
    """

    values: tuple[Value | None, ...]
    constant: bool
    told: str
    over: bool = False

    def at(self, cycle: int) -> Value | None:
        """The value in a cycle, counted from 0."""
        if self.constant:
            return self.values[0]
        return self.values[cycle] if cycle < len(self.values) else None


def base_name(name: str, vocabulary: Vocabulary, place: Place) -> str | Diagnostic:
    """The base fact that a name stands for: itself, or what it is another name of."""
    spelled = _canonical(name)
    spec = vocabulary.spec(spelled)
    if spec is None:
        mend = suggest.fact(name, vocabulary)
        return Diagnostic("M711", f"unknown fact {quoted(name)}", place, mend)
    tree = vocabulary.definition_tree(spelled)
    if isinstance(tree, Fact):
        return base_name(tree.name, vocabulary, place)
    mend = _TOLD.get(spelled, _TOLD_GROUPS.get(spelled.partition(".")[0], ""))
    if mend:
        message = f"{quoted(name)} is told by the engine, and cannot be stated"
        return Diagnostic("M713", message, place, mend)
    if tree is not None:
        names = ", ".join(f"`{each}`" for each in sorted(vocabulary.base_facts(tree)))
        message = f"{quoted(name)} is defined by other facts, and cannot be stated"
        return Diagnostic("M713", message, place, f"state what it is made of: {names}")
    return spelled


def _canonical(name: str) -> str:
    """A series function in its one spelling; any other name as it is."""
    if "(" not in name:
        return name
    tree = parse(Snippet.of(name)).tree
    return tree.name if isinstance(tree, Fact) else name


def track_of(stated: Plain, spec: FactSpec, place: Placing) -> Track | Diagnostic:
    """The values that a fact has in the cycles of a test; `place` says where they stand."""
    told = _told(stated)
    if stated == MISSING:
        return Track((None,), constant=True, told=told)
    if isinstance(stated, list):
        return _listed(stated, spec, place)
    if spec.type is FactType.NUMBER and isinstance(stated, str):
        return _series(stated, spec, place())
    value = _value(stated, spec)
    wrong = _wrong(stated, value, spec, place())
    return wrong or Track((value,), constant=True, told=told)


def _series(text: str, spec: FactSpec, place: Place) -> Track | Diagnostic:
    try:
        series = parse_series(text)
    except NotationError as error:
        mend = "`1+2x3` is 1 3 5 7, `4x2` is 4 4 4, `_` is a cycle without a value"
        return Diagnostic("M714", f"no series: {error}", place, mend)
    outside = (each for each in series.values if each is not None and not spec.can_be(each))
    beyond = next(outside, None)
    if beyond is not None:
        return _impossible(f"{beyond:g}", spec, place)
    return Track(series.values, constant=False, told=text, over=series.over)


def _listed(stated: list[Plain], spec: FactSpec, place: Placing) -> Track | Diagnostic:
    """One value a cycle, as a list: for flags and words, which have no notation of their own."""
    values: list[Value | None] = []
    for index, each in enumerate(stated):
        value = None if each == MISSING else _value(each, spec)
        wrong = None if each == MISSING else _wrong(each, value, spec, place(index))
        if wrong is not None:
            return wrong
        values.append(value)
    return Track(tuple(values), constant=False, told=_told(stated))


def _wrong(stated: Plain, value: Value | None, spec: FactSpec, place: Place) -> Diagnostic | None:
    if value is None or not is_known(value, spec.type):
        message = f"`{spec.name}` is {_TYPES[spec.type]}, not {quoted(_told(stated))}"
        return Diagnostic("M712", message, place, "or `_`, where nobody knows it")
    if isinstance(value, float) and not spec.can_be(value):
        return _impossible(_told(stated), spec, place)
    if spec.values and value not in spec.values:
        message = f"`{spec.name}` is never {quoted(str(value))}"
        return Diagnostic("M712", message, place, suggest.value(str(value), spec))
    return None


def _impossible(told: str, spec: FactSpec, place: Place) -> Diagnostic:
    whole = "a whole number" if spec.whole else ""
    low = "" if spec.low is None else f"at least {spec.low:g}"
    high = "" if spec.high is None else f"at most {spec.high:g}"
    span = " and ".join(each for each in (whole, low, high) if each)
    return Diagnostic("M712", f"`{spec.name}` is never {quoted(told)}", place, f"it is {span}")


def _value(stated: Plain, spec: FactSpec) -> Value | None:
    match stated:
        case bool():
            return stated
        case Decimal() if spec.type is FactType.NUMBER:
            return float(stated)
        case str() if spec.type in (FactType.TEXT, FactType.ENUM):
            return stated
        case _:
            return None


def _told(stated: Plain) -> str:
    match stated:
        case bool():
            return str(stated).lower()
        case list():
            return " ".join(_told(each) for each in stated)
        case _:
            return str(stated)
