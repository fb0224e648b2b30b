"""A state that a solver found, as facts that the engine understands and a person can picture.

In: a model's numbers. Out: facts by name: floats, flags, texts, sets. What the model leaves open
is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from engine.expr.vocabulary import FactType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from engine.comparison.proving.solver import Known
    from engine.expr.backends.smt import World
    from engine.expr.nodes import Value
    from engine.expr.vocabulary import FactSpec, Vocabulary

_GRID = {"order.quantity": Fraction(1, 10**8), "order.notional_usd": Fraction(1, 100)}
"""Sizes of an example are multiples of these: units that a venue lists, and cents."""
_EQUITY, _SIZE = "portfolio.equity_usd", "order.notional_usd"
_ROUND = (1000.0, 100.0, 20.0)
_WHOLE = "1000.0"
"""What others are divided by is wished to be this: then a tie of quotients is one over floats."""
_USUAL: dict[str, Value] = {
    "order.symbol": "BTC-USD",
    "order.base": "BTC",
    "order.quote_currency": "USD",
    "asset.status": "online",
}


@dataclass(frozen=True, slots=True)
class State:
    """Facts that are known; those in `missing` are named by a rule and unknown."""

    facts: Mapping[str, Value]
    missing: frozenset[str]

    def on_grid(self) -> tuple[State, State]:
        """The same with sizes on the grid: rounded down, and rounded up."""
        return self._rounded(Fraction.__floor__), self._rounded(Fraction.__ceil__)

    def _rounded(self, to_whole: Callable[[Fraction], int]) -> State:
        facts = dict(self.facts)
        for name, step in _GRID.items():
            value = facts.get(name)
            if isinstance(value, float):
                facts[name] = float(to_whole(Fraction(value) / step) * step)
        return replace(self, facts=facts)


def state_of(world: World, vocabulary: Vocabulary, values: Mapping[str, Known]) -> State:
    """The state that a model tells, over the facts of its world."""
    facts: dict[str, Value] = {}
    for name in world.facts:
        spec = vocabulary.spec(name)
        if values.get(f"{name} is known") is True and spec is not None:
            facts[name] = _value(world, spec, values.get(name))
    return State(facts, frozenset(world.facts.keys() - facts.keys()))


def wishes(world: World, equity: Decimal) -> list[str]:
    """What a good example looks like, the most important first.

    The planned equity, a product that everybody knows, everything known, a round size, round
    divisors, and numbers that are not all but equal, so that floats say the same of them.
    """
    usual: dict[str, Value] = {_EQUITY: float(equity), **_USUAL}
    found = [world.is_value(name, value) for name, value in usual.items() if name in world.facts]
    found += [term.defined for term in world.facts.values()]
    if _SIZE in world.facts:
        found += [world.is_value(_SIZE, size) for size in _ROUND]
    names = (each for each in dict.fromkeys(world.divisors) if not each[0].isdigit())
    return [*found, *(f"(= {name} {_WHOLE})" for name in names), *world.apart]


def _value(world: World, spec: FactSpec, told: Known | None) -> Value:
    """What the model says; where it does not matter to it, the least that the fact can be."""
    match spec.type:
        case FactType.NUMBER:
            return float(told) if isinstance(told, Fraction) else float(spec.low or 0.0)
        case FactType.FLAG:
            return told is True
        case FactType.TEXT_SET:
            members = told if isinstance(told, frozenset) else frozenset()
            return frozenset(filter(None, map(world.text, members)))
        case FactType.TEXT | FactType.ENUM:
            number = int(told) if isinstance(told, Fraction) else -1
            return world.text(number) or (spec.values[0] if spec.values else "another")
