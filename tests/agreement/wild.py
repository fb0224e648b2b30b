"""Random rules and random facts, well typed and awkward, for backends that must agree.

In: a seed. Out: trees over a small vocabulary (numbers, text, flags, a set, derived facts that
build on each other) and mappings in which facts are missing, of the wrong type, not finite, or
so large that sums overflow. The same seed gives the same rules and facts on every machine.
"""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from engine.expr.nodes import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Fact,
    Flag,
    Membership,
    Negate,
    Not,
    Number,
    Or,
    Text,
)
from engine.expr.vocabulary import FactScope, FactSpec, FactType, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.expr.nodes import ArithmeticOp, CompareOp, Node, Value

NUMBERS = ("n.a", "n.b", "n.c", "n.d", "n.e")
TEXTS = ("t.a", "t.b", "t.kind")
FLAGS = ("b.a", "b.b", "b.c")
SETS = ("s.a",)

DERIVED: dict[str, tuple[FactType, str]] = {
    "n.ratio": (FactType.NUMBER, "n.a / n.b"),
    "n.share": (FactType.NUMBER, "share_pct(n.ratio + n.c, n.d)"),
    "n.inverse": (FactType.NUMBER, "1 / (n.a * n.c)"),
    "n.signed": (FactType.NUMBER, 'n.a if t.kind == "buy" else -n.a'),
    "n.capped": (FactType.NUMBER, "min(n.a * n.b, n.ratio, 5)"),
    "n.stand_in": (FactType.NUMBER, "default(n.ratio, n.signed * 2)"),
    "t.shown": (FactType.TEXT, 't.a if n.a < n.b else "none"'),
    "b.calm": (FactType.FLAG, "n.ratio <= 1 or b.a"),
    "b.seen": (FactType.FLAG, "has(n.share) and not b.b"),
}

LITERALS = ("0", "1", "2", "0.1", "0.3", "3", "100", "1e308", "5e-324", "1e-9")
WORDS = ("buy", "sell", "a", "", "None", "BTC", "BTC-USD")
TAME = (1.0, 2.0, 3.0, 0.1, 0.2, 0.3, -1.0, -2.5, 7.25, 100.0)
AWKWARD = (0.0, -0.0, 1e308, -1e308, 1.7976931348623157e308, 5e-324, 1e-308, 0.1 + 0.2, 1e16)
NOT_NUMBERS: tuple[object, ...] = (
    float("nan"),
    float("inf"),
    float("-inf"),
    True,
    5,
    10**400,
    "1",
    None,
    frozenset({"a"}),
)
NOT_TEXTS: tuple[object, ...] = (1.0, None, True, frozenset({"a"}), float("nan"))

ARITHMETIC: tuple[ArithmeticOp, ...] = ("+", "-", "*", "/")
COMPARE: tuple[CompareOp, ...] = ("==", "!=", "<", "<=", ">", ">=")
EQUALITY: tuple[CompareOp, ...] = ("==", "!=")


def _vocabulary() -> Vocabulary:
    typed = {
        **dict.fromkeys(NUMBERS, FactType.NUMBER),
        **dict.fromkeys(TEXTS, FactType.TEXT),
        **dict.fromkeys(FLAGS, FactType.FLAG),
        **dict.fromkeys(SETS, FactType.TEXT_SET),
    }
    base = [
        FactSpec(name, kind, None, FactScope.ACCOUNT, "test", f"a {kind.value} of the test")
        for name, kind in typed.items()
    ]
    derived = [
        FactSpec(name, kind, None, FactScope.ACCOUNT, "", "derived", definition=definition)
        for name, (kind, definition) in DERIVED.items()
    ]
    return Vocabulary.of((*base, *derived))


class Wild:
    """One seed's worth of rules and facts."""

    vocabulary = _vocabulary()

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret

    def rules(self, count: int) -> list[Node]:
        """Trees that answer yes or no."""
        return [self._flag(self._random.randint(1, 4)) for _ in range(count)]

    def values(self, count: int) -> list[Node]:
        """Trees that give a number or a text."""
        kinds = (self._number, self._number, self._text)
        return [self._random.choice(kinds)(self._random.randint(1, 4)) for _ in range(count)]

    def facts(self, count: int) -> list[dict[str, Value]]:
        """Mappings: some whole and tame, some with holes, some awkward, some plainly wrong."""
        harms = (0.0, 0.0, 0.15, 0.5)
        # Wrong values are there on purpose: a snapshot with a bug must not crash a backend.
        return [
            cast("dict[str, Value]", self._mapping(self._random.choice(harms)))
            for _ in range(count)
        ]

    def _mapping(self, harm: float) -> dict[str, object]:
        awkward = self._random.random() < 0.5
        facts: dict[str, object] = {}
        for name in (*NUMBERS, *TEXTS, *FLAGS, *SETS, *DERIVED):
            if self._random.random() >= harm * self._random.random():
                facts[name] = self._value(name, awkward=awkward)
            elif self._random.random() < 0.5:
                facts[name] = self._random.choice(NOT_NUMBERS if name in NUMBERS else NOT_TEXTS)
        return facts

    def _value(self, name: str, *, awkward: bool) -> object:
        if name in FLAGS:
            return self._random.random() < 0.5
        if name in TEXTS:
            return self._random.choice(WORDS)
        if name in SETS:
            return frozenset(self._random.sample(WORDS, self._random.randint(0, 3)))
        if awkward and self._random.random() < 0.4:
            return self._random.choice(AWKWARD)
        return self._random.choice((*TAME, self._random.uniform(-10.0, 10.0)))

    def _some(self, least: int, most: int, make: Callable[[int], Node], depth: int) -> list[Node]:
        return [make(depth - 1) for _ in range(self._random.randint(least, most))]

    def _pick(self, makers: Sequence[Callable[[int], Node]], depth: int) -> Node:
        return self._random.choice(makers)(depth)

    def _flag(self, depth: int) -> Node:
        if depth <= 0:
            fact = Fact(self._random.choice((*FLAGS, "b.calm", "b.seen")))
            return self._random.choice((fact, fact, Flag(self._random.random() < 0.5)))
        return self._pick(
            (
                self._comparison,
                self._comparison,
                self._comparison,
                lambda d: And(tuple(self._some(2, 3, self._flag, d))),
                lambda d: Or(tuple(self._some(2, 3, self._flag, d))),
                lambda d: Not(self._flag(d - 1)),
                self._membership,
                lambda d: self._conditional(d, self._flag),
                lambda _: Call("has", (self._any_fact(),)),
                lambda d: self._default(FLAGS, d, self._flag),
                self._at_least,
            ),
            depth,
        )

    def _comparison(self, depth: int) -> Node:
        shape = self._random.random()
        if shape < 0.15:
            texts = (self._text(depth - 1), self._text(depth - 1))
            return Compare(texts, (self._random.choice(EQUALITY),))
        if shape < 0.25:
            flags = (self._flag(depth - 1), self._flag(depth - 1))
            return Compare(flags, (self._random.choice(EQUALITY),))
        numbers = tuple(self._some(2, 3 if shape < 0.5 else 2, self._number, depth))
        return Compare(numbers, tuple(self._random.choice(COMPARE) for _ in numbers[1:]))

    def _membership(self, depth: int) -> Node:
        shape = self._random.random()
        if shape < 0.3:
            return Membership(self._text(depth - 1), (Fact("s.a"),))
        if shape < 0.7:
            words = tuple(Text(word) for word in self._random.sample(WORDS, 3))
            return Membership(self._text(depth - 1), words)
        return Membership(self._number(depth - 1), (*self._literals(2), Negate(Number(Decimal(1)))))

    def _at_least(self, depth: int) -> Node:
        flags = self._some(1, 4, self._flag, depth)
        return Call("at_least", (Number(Decimal(self._random.randint(0, 5))), *flags))

    def _number(self, depth: int) -> Node:
        if depth <= 0:
            names = (*NUMBERS, *NUMBERS, *(name for name in DERIVED if name.startswith("n.")))
            return self._random.choice((Fact(self._random.choice(names)), *self._literals(1)))
        return self._pick(
            (
                self._arithmetic,
                self._arithmetic,
                self._arithmetic,
                lambda d: Negate(self._number(d - 1)),
                lambda d: Call("abs", (self._number(d - 1),)),
                lambda d: Call("min", tuple(self._some(2, 3, self._number, d))),
                lambda d: Call("max", tuple(self._some(2, 3, self._number, d))),
                lambda d: Call("clamp", tuple(self._some(3, 3, self._number, d))),
                lambda d: Call("share_pct", tuple(self._some(2, 2, self._number, d))),
                lambda d: self._conditional(d, self._number),
                lambda d: self._default(("n.a", "n.ratio", "n.share"), d, self._number),
            ),
            depth,
        )

    def _arithmetic(self, depth: int) -> Node:
        left, right = self._some(2, 2, self._number, depth)
        return Arithmetic(self._random.choice(ARITHMETIC), left, right)

    def _text(self, depth: int) -> Node:
        if depth <= 0 or self._random.random() < 0.5:
            fact = Fact(self._random.choice((*TEXTS, "t.shown")))
            return self._random.choice((fact, fact, Text(self._random.choice(WORDS))))
        return self._pick(
            (
                lambda d: self._conditional(d, self._text),
                lambda d: self._default((*TEXTS, "t.shown"), d, self._text),
            ),
            depth,
        )

    def _conditional(self, depth: int, make: Callable[[int], Node]) -> Node:
        return Conditional(self._flag(depth - 1), make(depth - 1), make(depth - 1))

    def _default(self, names: Sequence[str], depth: int, make: Callable[[int], Node]) -> Node:
        return Call("default", (Fact(self._random.choice(names)), make(depth - 1)))

    def _any_fact(self) -> Fact:
        return Fact(self._random.choice((*NUMBERS, *TEXTS, *FLAGS, *SETS, *DERIVED)))

    def _literals(self, count: int) -> list[Node]:
        return [Number(Decimal(text)) for text in self._random.sample(LITERALS, count)]


class Tame(Wild):
    """Numbers whose sums and products are exact, so that floats and reals mean the same.

    Quotients are not, where they are not powers of two: who compares must bear a tie.
    """

    _EIGHTHS = tuple(each / 8 for each in (0, 1, -1, 3, 8, -8, 12, 20, 58, -20, 800))

    def _value(self, name: str, *, awkward: bool) -> object:
        value = super()._value(name, awkward=awkward)
        return self._random.choice(self._EIGHTHS) if name in NUMBERS else value

    def _literals(self, count: int) -> list[Node]:
        words = self._random.sample(("0", "1", "2", "0.5", "3", "100", "0.125"), count)
        return [Number(Decimal(text)) for text in words]
