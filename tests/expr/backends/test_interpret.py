"""The reference: what simpleeval may meet, and what it may not."""

from __future__ import annotations

import ast
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from simpleeval import FeatureNotAvailable

from engine.errors import Snippet
from engine.expr.backends.backend import NotDefinedError
from engine.expr.backends.interpret import _Interpreter, interpret, missing_facts
from engine.expr.backends.python_tree import python_tree
from engine.expr.facts import VOCABULARY
from engine.expr.grammar import parse
from engine.expr.nodes import Arithmetic, Call, Compare, Fact, Flag, Membership, Number, Text

if TYPE_CHECKING:
    from engine.expr.nodes import Node, Value

BID = Fact("quote.bid")
ONE = Number(Decimal(1))


def tree(text: str) -> Node:
    """A parsed expression."""
    parsed = parse(Snippet.of(text)).tree
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    "text",
    ["a.b", "a[0]", "lambda: 1", "[x for x in y]", "f'{a}'", "{1: 2}", "[1]", "-a.b", "(1).real"],
)
def test_what_is_not_in_the_language_is_refused_even_if_handed_over(text: str) -> None:
    """Attributes, subscripts, lambdas and displays of simpleeval are not there any more."""
    handed = ast.parse(text, mode="eval").body
    with pytest.raises(FeatureNotAvailable):
        _Interpreter({}, VOCABULARY).value(handed)


@pytest.mark.parametrize("name", ["int", "str", "rand", "randint", "float", "open"])
def test_simpleevals_own_functions_are_gone(name: str) -> None:
    """Only the functions of the language can be called."""
    with pytest.raises(NotDefinedError, match=f"`{name}` is not defined in backend `interpret`"):
        interpret(Call(name, (ONE,)), {}, VOCABULARY)


@pytest.mark.parametrize(
    "node",
    [
        Arithmetic("+", Text("a"), Text("b")),
        Arithmetic("*", Text("a"), ONE),
        Arithmetic("+", Flag(value=True), ONE),
        Compare((Text("a"), ONE), ("<",)),
        Compare((Text("a"), ONE), ("==",)),
        Membership(Text("B"), (Fact("order.symbol"),)),
        Call("abs", (Text("a"),)),
        Call("min", (Flag(value=True), ONE)),
    ],
)
def test_an_ill_typed_tree_is_undecided_and_does_not_crash(node: Node) -> None:
    """What the checker refuses has no value here, and Python's own readings do not leak in."""
    assert interpret(node, {"order.symbol": "BTC-USD"}, VOCABULARY) is None


@pytest.mark.parametrize(
    ("text", "facts", "blamed"),
    [
        ("quote.mid < 1", {}, ("quote.bid", "quote.ask")),
        ("quote.mid < 1 and quote.age_s < 1", {"quote.bid": 1.0}, ("quote.ask", "quote.age_s")),
        ("1 / quote.bid > 0", {"quote.bid": 0.0}, ("quote.bid",)),
        ("order.depth_ratio > 1", {"order.notional_usd": 0.0}, ("book.depth_20bps_usd",)),
        ("quote.bid < 1", {"quote.bid": 0.5}, ()),
        ("1 / 0 > 1", {}, ()),
    ],
)
def test_missing_facts_are_base_facts_in_order(
    text: str, facts: dict[str, Value], blamed: tuple[str, ...]
) -> None:
    """What a person must supply is named, once, as it appears."""
    assert missing_facts(tree(text), facts, VOCABULARY) == blamed


def test_a_dotted_name_is_one_name() -> None:
    """No attribute is ever looked up: the whole name is the key."""
    node = python_tree(BID)
    assert isinstance(node, ast.Name)
    assert node.id == "quote.bid"
