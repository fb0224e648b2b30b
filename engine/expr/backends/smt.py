"""The language as SMT-LIB 2 text: what proofs about rules are made of.

In: checked trees and the vocabularies that they are read with. Out: declarations, definitions and
assertions that any solver reads. Each tree is a pair (value, defined): "undecided" is `defined`
false, and Kleene's tables are spelled out over the pairs. Refuses facts without a declared type
(`NotDefinedError`). Numbers are exact reals here, so what a solver finds counts only once the
reference interpreter confirms it over floats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from engine.expr.backends.backend import NotDefinedError
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
    Node,
    Not,
    Number,
    Or,
    Text,
)
from engine.expr.vocabulary import FactType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.expr.nodes import Value
    from engine.expr.vocabulary import FactSpec, Vocabulary


class Sort(Enum):
    """What a term is to a solver; a text is the number that stands for it."""

    REAL = "Real"
    BOOL = "Bool"
    TEXT = "Int"
    TEXT_SET = "(Array Int Bool)"


_SORTS = {
    FactType.NUMBER: Sort.REAL,
    FactType.FLAG: Sort.BOOL,
    FactType.TEXT: Sort.TEXT,
    FactType.ENUM: Sort.TEXT,
    FactType.TEXT_SET: Sort.TEXT_SET,
}
_BACKEND = "smt"
_NEAR = "0.000001"
_TRUE, _FALSE = "true", "false"


@dataclass(frozen=True, slots=True)
class Term:
    """One tree's meaning: two pieces of SMT-LIB, of which `defined` says whether `value` counts."""

    value: str
    defined: str
    sort: Sort


@dataclass(slots=True)
class World:
    """The facts that policy sets share, and the script that they are declared in.

    `assumed` are the facts' certain ranges; they stand apart, since not every question wants them.
    `apart` says of each comparison of numbers by order that its sides are not all but equal: what
    a solver finds then is the same over floats. `divisors` are the numbers that others are divided
    by: where they are round, quotients are too.
    """

    lines: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    apart: list[str] = field(default_factory=list)
    divisors: list[str] = field(default_factory=list)
    facts: dict[str, Term] = field(default_factory=dict)
    _words: dict[str, int] = field(default_factory=dict)
    _names: int = 0

    def word(self, text: str) -> int:
        """The number that stands for a text; a solver may take others, for texts of nobody."""
        return self._words.setdefault(text, len(self._words))

    @property
    def words(self) -> int:
        """How many texts are named."""
        return len(self._words)

    def text(self, number: int) -> str | None:
        """The text behind a number; None for one that no rule and no enum names."""
        return next((text for text, own in self._words.items() if own == number), None)

    def branch(self) -> World:
        """Another world that begins as this one is now."""
        return World(
            [*self.lines],
            [*self.assumed],
            [*self.apart],
            [*self.divisors],
            {**self.facts},
            {**self._words},
            self._names,
        )

    def fact(self, name: str, spec: FactSpec) -> Term:
        """A base fact: declared when it is first named, in whichever set."""
        if name not in self.facts:
            term = Term(quoted(name), quoted(f"{name} is known"), _SORTS[spec.type])
            self.lines.append(f"(declare-const {term.value} {term.sort.value})")
            self.lines.append(f"(declare-const {term.defined} Bool)")
            self.facts[name] = term
            self.assumed += self._ranges(term, spec)
        return self.facts[name]

    def named(self, text: str, sort: Sort) -> str:
        """A name for a piece, so that one that occurs twice is written once."""
        if not text.startswith("("):
            return text
        self._names += 1
        name = f"t{self._names}"
        self.lines.append(f"(define-fun {name} () {sort.value} {text})")
        return name

    def say(self, condition: str) -> None:
        """Assert."""
        self.lines.append(f"(assert {condition})")

    def keep_apart(self, left: str, right: str) -> None:
        """Note two numbers that an order compares."""
        room = self.named(f"(- {left} {right})", Sort.REAL)
        self.apart.append(f"(or (>= {room} {_NEAR}) (<= {room} (- {_NEAR})))")

    def show(self, name: str, term: Term) -> None:
        """Give a term two names that a model tells: `name`, and `name is known`."""
        for part, text, sort in (
            (name, term.value, term.sort),
            (f"{name} is known", term.defined, Sort.BOOL),
        ):
            self.lines.append(f"(declare-const {quoted(part)} {sort.value})")
            self.say(f"(= {quoted(part)} {text})")

    def given(self, name: str, value: Value | None) -> None:
        """Assert what a declared fact is; None says that it is unknown."""
        if value is None:
            self.say(f"(not {self.facts[name].defined})")
        else:
            self.say(self.is_value(name, value))

    def is_value(self, name: str, value: Value) -> str:
        """The condition that a declared fact is known, and has this value."""
        term = self.facts[name]
        return all_of([term.defined, f"(= {term.value} {self._literal(value)})"])

    def whole(self, name: str, value: Fraction) -> str:
        """The condition that a declared fact is not between the two whole numbers around `value`.

        A cut: it stays with real numbers, over which products and quotients are decided.
        """
        low = floor(value)
        term = self.facts[name].value
        return f"(or (<= {term} {real(Fraction(low))}) (>= {term} {real(Fraction(low + 1))}))"

    def script(self, *, assumptions: bool) -> str:
        """The whole text, without a command to check it."""
        ranges = [f"(assert {each})" for each in self.assumed] if assumptions else []
        return "\n".join([*self.lines, *ranges, ""])

    def _literal(self, value: Value) -> str:
        match value:
            case bool():
                return _TRUE if value else _FALSE
            case str():
                return str(self.word(value))
            case frozenset():
                empty = f"((as const {Sort.TEXT_SET.value}) false)"
                for each in sorted(value):
                    empty = f"(store {empty} {self.word(each)} true)"
                return empty
            case _:
                return real(Fraction(value))

    def _ranges(self, term: Term, spec: FactSpec) -> list[str]:
        found = []
        if spec.low is not None:
            found.append(f"(<= {real(Fraction(spec.low))} {term.value})")
        if spec.high is not None:
            found.append(f"(<= {term.value} {real(Fraction(spec.high))})")
        if spec.type is FactType.ENUM and spec.values:
            found.append(any_of([f"(= {term.value} {self.word(each)})" for each in spec.values]))
        return [f"(=> {term.defined} {each})" for each in found]


class Encoder:
    """Trees of one policy set, as terms of the shared world.

    `renamed` are base facts that stand under another name: the same order at another size.
    """

    def __init__(
        self, world: World, vocabulary: Vocabulary, renamed: Mapping[str, str] | None = None
    ) -> None:
        self._world = world
        self._renamed = renamed or {}
        self._vocabulary = vocabulary
        self._terms: dict[Node, Term] = {}

    def term(self, tree: Node) -> Term:
        """The meaning of a tree; equal trees are one term."""
        if tree not in self._terms:
            term = self._encoded(tree)
            name = self._world.named
            parts = name(term.value, term.sort), name(term.defined, Sort.BOOL)
            self._terms[tree] = Term(*parts, term.sort)
        return self._terms[tree]

    def holds(self, tree: Node) -> str:
        """The condition that a flag is decided, and true."""
        return _holds(self.term(tree))

    def fails(self, tree: Node) -> str:
        """The condition that a flag is decided, and false."""
        return _fails(self.term(tree))

    def _encoded(self, tree: Node) -> Term:  # noqa: PLR0911 - one arm a kind of node
        match tree:
            case Number() | Text() | Flag():
                return self._constant(tree)
            case Fact():
                return self._fact(tree.name)
            case Not() | And() | Or():
                return self._logical(tree)
            case Compare():
                return self._compared(tree)
            case Negate() | Arithmetic():
                return self._arithmetic(tree)
            case Membership():
                return self._membership(tree)
            case Conditional():
                return _chosen(*self._each((tree.test, tree.then, tree.otherwise)))
            case Call():
                return self._called(tree)

    def _constant(self, tree: Number | Text | Flag) -> Term:
        match tree:
            case Number():
                return Term(real(Fraction(tree.value)), _TRUE, Sort.REAL)
            case Text():
                return Term(str(self._world.word(tree.value)), _TRUE, Sort.TEXT)
            case Flag():
                return Term(_TRUE if tree.value else _FALSE, _TRUE, Sort.BOOL)

    def _logical(self, tree: Not | And | Or) -> Term:
        match tree:
            case Not():
                operand = self.term(tree.operand)
                return Term(f"(not {operand.value})", operand.defined, Sort.BOOL)
            case And():
                return _all(self._each(tree.operands))
            case Or():
                return _any(self._each(tree.operands))

    def _arithmetic(self, tree: Negate | Arithmetic) -> Term:
        match tree:
            case Negate():
                operand = self.term(tree.operand)
                return Term(f"(- {operand.value})", operand.defined, Sort.REAL)
            case Arithmetic():
                left, right = self._each((tree.left, tree.right))
                return (
                    self._divided(left, right) if tree.op == "/" else _strict(tree.op, left, right)
                )

    def _each(self, trees: Iterable[Node]) -> list[Term]:
        return [self.term(each) for each in trees]

    def _fact(self, name: str) -> Term:
        definition = self._vocabulary.definition_tree(name)
        if definition is not None:
            return self.term(definition)
        spec = self._vocabulary.spec(name)
        if spec is None:
            raise NotDefinedError(_BACKEND, name)
        return self._world.fact(self._renamed.get(name, name), spec)

    def _compared(self, tree: Compare) -> Term:
        operands = self._each(tree.operands)
        pairs = zip(operands, tree.ops, operands[1:], strict=False)
        links = []
        for left, op, right in pairs:
            spelled = {"==": "=", "!=": "distinct"}.get(op, op)
            link = _strict(spelled, left, right)
            if spelled == op:
                self._world.keep_apart(left.value, right.value)
            links.append(Term(link.value, link.defined, Sort.BOOL))
        return links[0] if len(links) == 1 else _all(links)

    def _membership(self, tree: Membership) -> Term:
        item, choices = self.term(tree.item), self._each(tree.choices)
        if choices[0].sort is Sort.TEXT_SET:
            inside = f"(select {choices[0].value} {item.value})"
            return Term(inside, all_of([item.defined, choices[0].defined]), Sort.BOOL)
        equal = [f"(= {item.value} {each.value})" for each in choices]
        return Term(any_of(equal), all_of([item.defined, *(c.defined for c in choices)]), Sort.BOOL)

    def _called(self, tree: Call) -> Term:
        match tree.function:
            case "has":
                return Term(self.term(tree.arguments[0]).defined, _TRUE, Sort.BOOL)
            case "default":
                first, other = self._each(tree.arguments)
                value = f"(ite {first.defined} {first.value} {other.value})"
                return Term(value, any_of([first.defined, other.defined]), first.sort)
            case "at_least":
                return self._at_least(tree)
            case _:
                return self._number(tree.function, self._each(tree.arguments))

    def _at_least(self, tree: Call) -> Term:
        least, *flags = self._each(tree.arguments)
        counted = _sum(f"(ite {_holds(each)} 1.0 0.0)" for each in flags)
        possible = _sum(f"(ite {_fails(each)} 0.0 1.0)" for each in flags)
        enough = self._world.named(f"(>= {counted} {least.value})", Sort.BOOL)
        return Term(enough, f"(or {enough} (< {possible} {least.value}))", Sort.BOOL)

    def _number(self, function: str, terms: Sequence[Term]) -> Term:
        """The functions of known numbers: undecided as soon as one argument is."""
        values = [each.value for each in terms]
        defined = all_of([each.defined for each in terms])
        match function:
            case "abs":
                value = f"(ite (< {values[0]} 0.0) (- {values[0]}) {values[0]})"
            case "min" | "max":
                value = self._folded(function, values)
            case "clamp":
                value = self._folded("min", [self._folded("max", values[:2]), values[2]])
            case "share_pct":
                part, whole = terms
                hundred = Term(f"(* 100.0 {part.value})", part.defined, Sort.REAL)
                return self._divided(hundred, whole)
            case _:
                raise NotDefinedError(_BACKEND, function)
        return Term(value, defined, Sort.REAL)

    def _divided(self, left: Term, right: Term) -> Term:
        # A solver may take 1/0 for any number: where the divisor is 0 nothing is defined.
        defined = all_of([left.defined, right.defined, f"(distinct {right.value} 0.0)"])
        self._world.divisors.append(right.value)
        return Term(f"(/ {left.value} {right.value})", defined, Sort.REAL)

    def _folded(self, function: str, values: Sequence[str]) -> str:
        op = "<" if function == "min" else ">"
        found = values[0]
        for each in values[1:]:
            found = self._world.named(f"(ite ({op} {each} {found}) {each} {found})", Sort.REAL)
        return found


def quoted(name: str) -> str:
    """A name as a symbol of SMT-LIB; raises ValueError for what cannot be one."""
    if "|" in name or "\\" in name:
        raise ValueError(name)
    return f"|{name}|"


def real(value: Fraction) -> str:
    """An exact number as SMT-LIB writes it."""
    size = f"{abs(value.numerator)}.0"
    if value.denominator != 1:
        size = f"(/ {size} {value.denominator}.0)"
    return f"(- {size})" if value < 0 else size


def _holds(term: Term) -> str:
    return all_of([term.defined, term.value])


def _fails(term: Term) -> str:
    return all_of([term.defined, f"(not {term.value})"])


def _all(terms: Sequence[Term]) -> Term:
    """Kleene's `and`: settled by one false, else by all of them being true."""
    value = all_of([_holds(each) for each in terms])
    return Term(value, any_of([value, *(_fails(each) for each in terms)]), Sort.BOOL)


def _any(terms: Sequence[Term]) -> Term:
    """Kleene's `or`: settled by one true, else by all of them being false."""
    value = any_of([_holds(each) for each in terms])
    return Term(value, any_of([value, all_of([_fails(each) for each in terms])]), Sort.BOOL)


def _strict(op: str, left: Term, right: Term) -> Term:
    """An operation of two known values, of the left one's sort."""
    return Term(
        f"({op} {left.value} {right.value})", all_of([left.defined, right.defined]), left.sort
    )


def _chosen(test: Term, then: Term, otherwise: Term) -> Term:
    value = f"(ite {test.value} {then.value} {otherwise.value})"
    branch = f"(ite {test.value} {then.defined} {otherwise.defined})"
    return Term(value, all_of([test.defined, branch]), then.sort)


def all_of(parts: Iterable[str]) -> str:
    """The condition that all of these hold."""
    return _joined("and", _TRUE, parts)


def any_of(parts: Iterable[str]) -> str:
    """The condition that one of these holds."""
    return _joined("or", _FALSE, parts)


def _joined(op: str, neutral: str, parts: Iterable[str]) -> str:
    left = list(dict.fromkeys(each for each in parts if each != neutral))
    if not left:
        return neutral
    return left[0] if len(left) == 1 else f"({op} {' '.join(left)})"


def _sum(parts: Iterable[str]) -> str:
    found = list(parts)
    return found[0] if len(found) == 1 else f"(+ {' '.join(found)})"
