"""The slow path: source that gives each distinct node a local, None where it is undecided.

In: a plan and trees. Out: the source of `kleene(facts)`, which returns `(results, operands)`,
and of `trace(facts)`, which returns the value of every node, to tell what was missing. Neither
refuses anything: every mapping has an answer here, and every number is tested where it is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from engine.expr.backends.motor.source import function_of, literal, strict_call, tuple_of
from engine.expr.backends.values import PYTHON_TYPES
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
    walk,
)
from engine.expr.vocabulary import FactType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.expr.backends.motor.plan import BaseFact, Plan
    from engine.expr.nodes import CompareOp, Node

_LARGEST = "1.7976931348623157e308"


def kleene_source(plan: Plan, results: Sequence[Node], operands: Sequence[Node]) -> str:
    """The source of the slow path."""
    writer = _KleeneWriter(plan)
    result = tuple_of([writer.local(each) for each in results])
    operand = tuple_of([writer.local(each) for each in operands])
    return function_of("kleene", [*writer.lines, f"return {result}, {operand}"])


def trace_source(plan: Plan, trees: Sequence[Node]) -> tuple[str, tuple[Node, ...]]:
    """The source of a function that returns every node's value, and the nodes in that order."""
    writer = _KleeneWriter(plan)
    roots = (*trees, *(derived.definition for derived in plan.derived))
    nodes = dict.fromkeys(part for root in roots for node in walk(root) for part in _parts(node))
    values = {node: writer.local(node) for node in nodes}
    lines = [*writer.lines, f"return {tuple_of([*values.values()])}"]
    return function_of("trace", lines), tuple(values)


class _KleeneWriter:
    def __init__(self, plan: Plan) -> None:
        self.lines: list[str] = ["get = facts.get"]
        self._names: dict[Node, str] = {}
        for fact in plan.base:
            self._load(fact)
        for derived in plan.derived:
            self._names[Fact(derived.name)] = self._held(derived.definition)

    def _held(self, definition: Node) -> str:
        """The name that holds a definition's value; a bare literal is given one of its own.

        A parameter is such a definition, and `3.0 is None` would be asked of it.
        """
        source = literal(definition)
        if source is None:
            return self.local(definition)
        name = f"c{len(self._names)}"
        self.lines.append(f"{name} = {source}")
        return name

    def _load(self, fact: BaseFact) -> None:
        name = fact.identifier
        self._names[Fact(fact.name)] = name
        if fact.type is None:
            self.lines.append(f"{name} = None")
            return
        wrong = f"type({name}) is not {PYTHON_TYPES[fact.type].__name__}"
        if fact.type is FactType.NUMBER:
            wrong += f" or not -{_LARGEST} <= {name} <= {_LARGEST}"
        self.lines += [f"{name} = get({fact.name!r})", f"if {wrong}: {name} = None"]

    def local(self, node: Node) -> str:
        """The name that holds a node's value; its statements are written at the first call."""
        name = self._names.get(node) or literal(node)
        if name is None:
            source = self._source(node)
            name = self._names[node] = f"k{len(self._names)}"
            self.lines.append(f"{name} = {source}")
            if isinstance(node, Arithmetic | Call):
                self.lines += _finite_or_none(node, name)
        return name

    def _source(  # noqa: C901, PLR0911, PLR0912 - one arm a kind of node
        self, node: Node
    ) -> str:
        match node:
            case Number() | Text() | Flag() | Fact():
                return "None"  # a number beyond binary64: every other leaf has its source
            case Not(operand):
                return self._strict("not {}", operand)
            case Negate(operand):
                return self._strict("-{}", operand)
            case And(operands):
                return _kleene([*map(self.local, operands)], "False", "True")
            case Or(operands):
                return _kleene([*map(self.local, operands)], "True", "False")
            case Arithmetic("/", left, right):
                return self._quotient("{} / {}", left, right)
            case Arithmetic(op, left, right):
                return self._strict(f"{{}} {op} {{}}", left, right)
            case Compare(operands, ops):
                return self._chain(operands, ops)
            case Membership(item, (Fact() as only,)):
                return self._strict("{} in {}", item, only)
            case Membership(item, choices):
                return self._strict(f"{{}} in {tuple_of(['{}'] * len(choices))}", item, *choices)
            case Conditional(test, then, otherwise):
                tested, first, second = map(self.local, (test, then, otherwise))
                return f"None if {tested} is None else {first} if {tested} else {second}"
            case Call(function, arguments):
                return self._call(function, arguments)
            case _:
                assert_never(node)

    def _strict(self, template: str, *operands: Node) -> str:
        """A source that is None where an operand is."""
        return self._unless("", template, *operands)

    def _quotient(self, template: str, part: Node, whole: Node) -> str:
        divisor = literal(whole)
        never_zero = divisor is not None and divisor not in {"0.0", "(-0.0)"}
        impossible = "" if never_zero else f"{self.local(whole)} == 0.0"
        return self._unless(impossible, template, part, whole)

    def _unless(self, impossible: str, template: str, *operands: Node) -> str:
        names = [*map(self.local, operands)]
        absent = [
            f"{name} is None"
            for name, node in zip(names, operands, strict=True)
            if literal(node) is None
        ]
        conditions = " or ".join([*absent, impossible] if impossible else absent)
        value = template.format(*names)
        return f"None if {conditions} else {value}" if conditions else value

    def _chain(self, operands: tuple[Node, ...], ops: tuple[CompareOp, ...]) -> str:
        if len(ops) == 1:
            return self._strict(f"{{}} {ops[0]} {{}}", *operands)
        links = [*map(self.local, _links(operands, ops))]
        return _kleene(links, "False", "True")

    def _call(self, function: str, arguments: tuple[Node, ...]) -> str:
        match function:
            case "has":
                return f"{self.local(arguments[0])} is not None"
            case "default":
                fact, value = map(self.local, arguments)
                return f"{value} if {fact} is None else {fact}"
            case "at_least":
                least, *flags = map(self.local, arguments)
                return _count(least, flags)
            case "share_pct":
                part, whole = arguments
                return self._quotient(strict_call(function, ["{}", "{}"]), part, whole)
            case _:
                template = strict_call(function, ["{}"] * len(arguments))
                return self._strict(template, *arguments)


def _links(operands: tuple[Node, ...], ops: tuple[CompareOp, ...]) -> list[Node]:
    pairs = zip(operands, ops, operands[1:], strict=False)
    return [Compare((left, right), (op,)) for left, op, right in pairs]


def _parts(node: Node) -> tuple[Node, ...]:
    return (node, *_links(node.operands, node.ops)) if isinstance(node, Compare) else (node,)


def _kleene(names: Sequence[str], settling: str, otherwise: str) -> str:
    settled = " or ".join(f"{name} is {settling}" for name in names)
    absent = " or ".join(f"{name} is None" for name in names)
    return f"{settling} if {settled} else None if {absent} else {otherwise}"


def _count(least: str, flags: Sequence[str]) -> str:
    yes = " + ".join(f"({flag} is True)" for flag in flags)
    possible = " + ".join(f"({flag} is not False)" for flag in flags)
    return f"True if {yes} >= {least} else None if {possible} >= {least} else False"


def _finite_or_none(node: Arithmetic | Call, name: str) -> list[str]:
    if isinstance(node, Call) and node.function != "share_pct":
        return []  # the others give back one of their arguments, or its size
    test = f"if {name} is not None and not -{_LARGEST} <= {name} <= {_LARGEST}"
    return [f"{test}: {name} = None"]
