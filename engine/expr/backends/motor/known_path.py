"""The fast path: source that is right only when every fact is known and every result finite.

In: a plan, result trees, and operands to hand back. Out: the source of `known(facts)`, which
returns `(results, operands)`, or says that the fast path does not apply: by None, KeyError,
TypeError or ArithmeticError. Refuses to guess: it may give up too often, never answer wrongly.

Finiteness is tested once, at the end, on sums. NaN and infinity survive `+ - *`, negation and
the numerator of `/`; so only where they could vanish (a divisor, a comparison, `min`, a choice)
a part is first stored under a name of its own, and all those names are in the sum. A sum that
overflows although every part is finite just takes the slow path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from engine.expr.backends.motor.source import (
    finite_or_give_up,
    function_of,
    literal,
    strict_call,
    tuple_of,
)
from engine.expr.backends.values import PYTHON_TYPES
from engine.expr.functions import FUNCTIONS, Result
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
from engine.expr.vocabulary import FactType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.expr.backends.motor.plan import BaseFact, Plan
    from engine.expr.nodes import Node


def known_source(plan: Plan, results: Sequence[Node], operands: Sequence[Node]) -> str:
    """The source of the fast path."""
    if any(fact.type is None for fact in plan.base):
        return function_of("known", ["return None"])
    writer = _KnownWriter(plan)
    result = tuple_of([writer.result(each) for each in results])
    operand = tuple_of([writer.stored(each) for each in operands])
    return function_of("known", [*writer.lines(), f"return {result}, {operand}"])


class _KnownWriter:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._statements: list[str] = []
        self._names: dict[Node, str] = {
            Fact(name): fact.identifier for name, fact in plan.by_name.items()
        }
        self._numbers = [each.identifier for each in plan.base if each.type is FactType.NUMBER]
        self._carried: set[str] = set()
        for fact in plan.derived:
            self._store(fact.identifier, self.inline(fact.definition), fact.definition)

    def lines(self) -> list[str]:
        loads = [f"{each.identifier} = facts[{each.name!r}]" for each in self._plan.base]
        types = [f"if not ({_types(self._plan.base)}): return None"] if self._plan.base else []
        numbers = [name for name in self._numbers if name not in self._carried]
        return [*loads, *types, *self._statements, *finite_or_give_up(numbers)]

    def result(self, node: Node) -> str:
        """The source of a result: flags stay inline, so that `and` and `or` stop early."""
        return self.stored(node) if self._is_number(node) else self.inline(node)

    def stored(self, node: Node) -> str:
        """The source of a value that is known to be finite once the guard has passed."""
        text = literal(node) or self._names.get(node)
        if text is None:
            source = self.inline(node)  # first, since it may name parts of its own
            text = self._names[node] = f"e{len(self._names)}"
            self._store(text, source, node)
        return text

    def _store(self, name: str, source: str, node: Node) -> None:
        self._statements.append(f"{name} = {source}")
        if self._is_number(node):
            self._numbers.append(name)
            self._carried.update(self._carriers(node))

    def _carriers(self, node: Node) -> Iterator[str]:
        """Names that cannot be NaN or infinite while this node is finite: no need to test both."""
        match node:
            case Arithmetic("/", left, _) | Call("share_pct", (left, _)):
                yield from self._carried_by(left)
            case Arithmetic(_, left, right):
                yield from self._carried_by(left)
                yield from self._carried_by(right)
            case Negate(operand) | Call("abs", (operand,)):
                yield from self._carried_by(operand)
            case _:
                return

    def _carried_by(self, node: Node) -> Iterator[str]:
        name = self._names.get(node)
        return iter((name,)) if name else self._carriers(node)

    def inline(self, node: Node) -> str:  # noqa: PLR0911 - one arm a kind of node
        """The source of a node in place; where it is not finite, its whole is not either."""
        match node:
            case Number() | Text() | Flag() | Fact():
                return literal(node) or self._names.get(node) or "(1e308 * 10.0)"
            case Not(operand):
                return f"(not {self.inline(operand)})"
            case Negate(operand):
                return literal(node) or f"(-{self.inline(operand)})"
            case And(operands):
                return f"({' and '.join(map(self.inline, operands))})"
            case Or(operands):
                return f"({' or '.join(map(self.inline, operands))})"
            case Arithmetic(op, left, right):
                divides = op == "/"
                second = self.stored(right) if divides else self.inline(right)
                return f"({self.inline(left)} {op} {second})"
            case Conditional(test, then, otherwise):
                choices = f"{self.inline(then)} if {self.inline(test)} else"
                return f"({choices} {self.inline(otherwise)})"
            case Compare() | Membership() | Call():
                return self._of_stored(node)
            case _:
                assert_never(node)

    def _of_stored(  # noqa: PLR0911 - one arm a kind of node
        self, node: Compare | Membership | Call
    ) -> str:
        match node:
            case Compare(operands, ops):
                first, *rest = map(self.stored, operands)
                links = (f" {op} {each}" for op, each in zip(ops, rest, strict=True))
                return f"({first}{''.join(links)})"
            case Membership(item, (Fact() as only,)):
                return f"({self.stored(item)} in {self.stored(only)})"
            case Membership(item, choices):
                return f"({self.stored(item)} in {tuple_of([*map(self.stored, choices)])})"
            case Call("has"):
                return "True"  # every fact is loaded and every definition guarded
            case Call("default", (fact, _)):
                return self.stored(fact)
            case Call("at_least", (least, *flags)):
                return f"({' + '.join(map(self.inline, flags))} >= {self.stored(least)})"
            case Call(function, arguments):
                return strict_call(function, [*map(self.stored, arguments)])

    def _is_number(self, node: Node) -> bool:
        match node:
            case Number() | Arithmetic() | Negate():
                return True
            case Fact(name):
                return self._plan.by_name[name].type is FactType.NUMBER
            case Conditional(_, then, _):
                return self._is_number(then)
            case Call(function, arguments) if function in FUNCTIONS:
                result = FUNCTIONS[function].result
                same = result is Result.SAME and self._is_number(arguments[0])
                return same or result is Result.PCT
            case _:
                return False


def _types(base: Sequence[BaseFact]) -> str:
    """A test that every base fact has its declared type: one `is` chain a Python type."""
    chains: dict[str, list[str]] = {}
    for fact in base:
        if fact.type is not None:
            python_type = PYTHON_TYPES[fact.type].__name__
            chains.setdefault(python_type, []).append(f"type({fact.identifier})")
    return " and ".join(" is ".join([*each, name]) for name, each in chains.items())
