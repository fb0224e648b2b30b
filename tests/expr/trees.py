"""Expression trees for property tests: typed so that a vocabulary could accept them.

`trees()` draws any tree that the grammar can produce; `flags()` and `numbers()` draw trees of one
type over the facts given, which is what agreement between backends wants.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from hypothesis import assume
from hypothesis import strategies as st

from engine.expr.grammar import WRITTEN
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
    children,
    walk,
)
from engine.expr.printing import print_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBER_FACTS = ("quote.bid", "quote.ask", "quote.age_s", "portfolio.equity_usd", "order.quantity")
SERIES_FACTS = ('change_pct("60m")', 'ema(20, "1m")', 'volume_ratio("1h", "24h")')
TEXT_FACTS = ("order.symbol", "order.side", "regime.name")
FLAG_FACTS = ("engine.kill_switch", "quote.crossed", "asset.excluded")
SET_FACTS = ("asset.groups",)

_COMPARES = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
_EQUALITIES = st.sampled_from(["==", "!="])
_ARITHMETIC = st.sampled_from(["+", "-", "*", "/"])


def literals() -> st.SearchStrategy[Node]:
    """Numbers as a person writes them, negative ones and zero among them."""
    return st.decimals(
        min_value=-100_000, max_value=100_000, allow_nan=False, allow_infinity=False, places=3
    ).map(lambda value: Number(value or Decimal(0)))


def texts() -> st.SearchStrategy[Node]:
    """Printable ASCII, quotes and backslashes among it, and names that facts really have."""
    any_text = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
    known = st.sampled_from(["BUY", "SELL", "BTC-USD", "bull", "crash", "majors"])
    return st.one_of(known, any_text).map(Text)


def facts(names: Sequence[str]) -> st.SearchStrategy[Node]:
    """One fact of those named."""
    return st.sampled_from(names).map(Fact)


def numbers(
    names: tuple[str, ...] = NUMBER_FACTS + SERIES_FACTS,
    flag_names: tuple[str, ...] = FLAG_FACTS,
    depth: int = 4,
) -> st.SearchStrategy[Node]:
    """Trees whose value is a number."""
    # Deferred, because hypothesis would else write all alternatives of all levels out in words.
    return st.deferred(lambda: _numbers(names, flag_names, depth))


@cache
def _numbers(
    names: tuple[str, ...], flag_names: tuple[str, ...], depth: int
) -> st.SearchStrategy[Node]:
    leaves = st.one_of(facts(names), literals())
    if depth <= 1:
        return leaves
    below = numbers(names, flag_names, depth - 1)
    tests = st.one_of(facts(flag_names), st.builds(_link, below, _COMPARES, below))
    return st.one_of(
        leaves,
        st.builds(Negate, below),
        st.builds(Arithmetic, _ARITHMETIC, below, below),
        st.builds(Conditional, tests, below, below),
        st.builds(_call, st.just("abs"), st.tuples(below)),
        st.builds(_call, st.sampled_from(["min", "max"]), _several(below)),
        st.builds(_call, st.just("clamp"), st.tuples(below, below, below)),
        st.builds(_call, st.just("share_pct"), st.tuples(below, below)),
        st.builds(_call, st.just("default"), st.tuples(facts(names), below)),
    )


def flags(
    names: tuple[str, ...] = NUMBER_FACTS + SERIES_FACTS,
    text_names: tuple[str, ...] = TEXT_FACTS,
    flag_names: tuple[str, ...] = FLAG_FACTS,
    set_names: tuple[str, ...] = SET_FACTS,
    depth: int = 4,
) -> st.SearchStrategy[Node]:
    """Trees whose value is a flag: what a rule is."""
    return st.deferred(lambda: _flags(names, text_names, flag_names, set_names, depth))


@cache
def _flags(
    names: tuple[str, ...],
    text_names: tuple[str, ...],
    flag_names: tuple[str, ...],
    set_names: tuple[str, ...],
    depth: int,
) -> st.SearchStrategy[Node]:
    leaves = st.one_of(facts(flag_names), st.booleans().map(Flag))
    if depth <= 1:
        return leaves
    below = flags(names, text_names, flag_names, set_names, depth - 1)
    amounts = numbers(names, flag_names, depth - 1)
    words = st.one_of(facts(text_names), texts())
    every = (*names, *text_names, *flag_names, *set_names)
    return st.one_of(
        leaves,
        st.builds(Not, below),
        st.builds(And, _several(below)),
        st.builds(Or, _several(below)),
        st.builds(_chain, amounts, st.lists(st.tuples(_COMPARES, amounts), min_size=1, max_size=3)),
        st.builds(_link, words, _EQUALITIES, words),
        st.builds(_link, below, _EQUALITIES, below),
        st.builds(Membership, amounts, _several(literals(), 1)),
        st.builds(Membership, words, _several(texts(), 1)),
        st.builds(Membership, words, st.tuples(facts(set_names))),
        st.builds(Conditional, below, below, below),
        st.builds(_call, st.just("has"), st.tuples(facts(every))),
        st.builds(_call, st.just("default"), st.tuples(facts(flag_names), below)),
        _several(below).flatmap(_at_least),
    )


@st.composite
def trees(draw: st.DrawFn) -> Node:
    """Any tree within the grammar's bounds, of any type."""
    tree = draw(st.one_of(flags(), numbers(), texts()))
    assume(within_bounds(tree))
    return tree


def within_bounds(tree: Node) -> bool:
    """Whether the grammar would read the tree's canonical text."""
    return (
        sum(1 for _ in walk(tree)) <= WRITTEN.nodes
        and depth_of(tree) <= WRITTEN.depth
        and len(print_tree(tree)) <= WRITTEN.characters
    )


def depth_of(tree: Node) -> int:
    """Levels of the tree; a leaf is one."""
    return 1 + max((depth_of(child) for child in children(tree)), default=0)


def _several(each: st.SearchStrategy[Node], least: int = 2) -> st.SearchStrategy[tuple[Node, ...]]:
    return st.lists(each, min_size=least, max_size=3).map(tuple)


def _link(left: Node, op: str, right: Node) -> Node:
    return Compare((left, right), (op,))  # type: ignore[arg-type]  # drawn from the closed set


def _chain(first: Node, links: list[tuple[str, Node]]) -> Node:
    ops = tuple(op for op, _ in links)
    return Compare((first, *(operand for _, operand in links)), ops)  # type: ignore[arg-type]  # the same


def _call(name: str, arguments: tuple[Node, ...]) -> Node:
    return Call(name, tuple(arguments))


def _at_least(operands: tuple[Node, ...]) -> st.SearchStrategy[Node]:
    counts = st.integers(1, len(operands))
    return counts.map(lambda count: Call("at_least", (Number(Decimal(count)), *operands)))
