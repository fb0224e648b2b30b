"""The vectorised meaning: what a frame may hold, and what its size costs."""

from __future__ import annotations

import builtins
import random
import sys
from decimal import Decimal

import polars as pl
import pytest

from engine.errors import Diagnostic, Snippet
from engine.expr.backends.backend import NotDefinedError
from engine.expr.backends.frame import FrameRules
from engine.expr.backends.interpret import interpret
from engine.expr.backends.registry import find_backend
from engine.expr.facts import VOCABULARY
from engine.expr.grammar import parse
from engine.expr.nodes import Arithmetic, Call, Compare, Fact, Node, Number


def tree(text: str) -> Node:
    """A parsed expression."""
    parsed = parse(Snippet.of(text)).tree
    assert parsed is not None
    return parsed


def rules(*texts: str) -> FrameRules:
    """Expressions as frame rules."""
    return FrameRules([tree(each) for each in texts], VOCABULARY)


def test_each_tree_is_a_column_of_three_answers() -> None:
    """A row without the fact is null, and every tree has its own column."""
    frame = pl.DataFrame({"quote.age_s": [1.0, None, 9.0]})
    answers = rules("quote.age_s < 5", "not has(quote.age_s)", "1 < 2").evaluate(frame)
    assert answers.to_dict(as_series=False) == {
        "0": [True, None, False],
        "1": [False, True, False],
        "2": [True, True, True],
    }


def test_dividing_by_a_literal_gives_the_bits_of_a_division() -> None:
    """`x / 3` is Python's quotient in every row, which Polars' own `x / 3` is not."""
    source = random.Random(830)  # noqa: S311 - repeatable, not secret
    values = [source.uniform(-10.0, 10.0) for _ in range(2_000)]
    frame = pl.DataFrame({"quote.bid": values})
    ours = rules("quote.bid / 3").evaluate(frame)["0"].to_list()
    assert ours == [value / 3.0 for value in values]
    assert frame.select(pl.col("quote.bid") / 3.0).to_series().to_list() != ours


@pytest.mark.parametrize(
    "text",
    [
        *("quote.bid + 0", "0 + quote.bid", "0 - quote.bid", "quote.bid - 0"),
        *("quote.bid + -0", "-0 + quote.bid", "-0 - quote.bid", "quote.bid - -0"),
        *("quote.bid + (1 - 1)", "0 * quote.bid", "-quote.bid", "quote.bid - quote.bid"),
    ],
)
def test_a_zero_has_the_sign_that_python_gives_it(text: str) -> None:
    """Adding or taking a literal zero is no way to keep the sign of one, though Polars drops it."""
    values = [0.0, -0.0, 1.5, -1.5]
    frame = pl.DataFrame({"quote.bid": values})
    ours = rules(text).evaluate(frame)["0"].to_list()
    expected = [interpret(tree(text), {"quote.bid": each}, VOCABULARY) for each in values]
    assert [*map(repr, ours)] == [*map(repr, expected)]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_refused(wrong: float) -> None:
    """NaN, which Polars finds greater than everything, never gets into a comparison."""
    frame = pl.DataFrame({"quote.age_s": [1.0, wrong]})
    with pytest.raises(ValueError, match="holds NaN or infinity"):
        rules("quote.age_s < 5").evaluate(frame)


def test_a_column_of_another_type_is_refused() -> None:
    """A whole-number column is not taken for a fact's floats in silence."""
    with pytest.raises(ValueError, match="is Int64, and its fact Float64"):
        rules("quote.age_s < 5").evaluate(pl.DataFrame({"quote.age_s": [1, 2]}))


def test_texts_may_come_as_enums() -> None:
    """Symbols kept as small codes compare like the texts that they stand for."""
    kind = pl.Enum(["BTC-USD", "ETH-USD"])
    frame = pl.DataFrame({"order.symbol": pl.Series(["ETH-USD", "BTC-USD", None], dtype=kind)})
    texts = ("order.symbol == 'BTC-USD'", "order.symbol in ('SOL-USD', 'ETH-USD')")
    answers = rules(*texts).evaluate(frame)
    assert answers.rows() == [(False, True), (True, False), (None, None)]


def test_a_fact_without_a_column_is_unknown() -> None:
    """Absent columns and columns of nothing are undecided; nothing is invented."""
    asked = rules("quote.age_s < 5", "quote.crossed or quote.age_s < 5", "'a' in asset.groups")
    assert asked.facts == ("quote.age_s", "quote.crossed", "asset.groups")
    frame = pl.DataFrame({"quote.age_s": [None, None], "quote.crossed": [True, False]})
    assert asked.evaluate(frame).rows() == [(None, True, None), (None, None, None)]


def test_an_undeclared_fact_is_never_known() -> None:
    """A name that the vocabulary does not have is null, whatever a column says."""
    frame = pl.DataFrame({"quote.nobody": [1.0]})
    answers = rules("quote.nobody < 5", "has(quote.nobody)", "not quote.nobody").evaluate(frame)
    assert answers.rows() == [(None, False, None)]


def test_the_expressions_grow_as_the_tree_does() -> None:
    """A sum of sums is a stage a level: nothing is written out twice, however deep."""
    deep: Node = Fact("quote.bid")
    for _ in range(11):
        deep = Arithmetic("+", deep, deep)
    many = Call("min", (*(Number(Decimal(n)) for n in range(40)), Fact("quote.bid")))
    both = FrameRules([Compare((deep, many), (">",))], VOCABULARY)
    assert max(len(str(each)) for stage in both._stages for each in stage) < 500
    assert both.evaluate(pl.DataFrame({"quote.bid": [1.0, -1.0]})).rows() == [(True,), (False,)]


def test_a_function_without_a_meaning_is_named() -> None:
    """An operation that frames do not know is refused when the rules are built."""
    unknown = Call("cosine", (Fact("quote.bid"),))
    with pytest.raises(NotDefinedError, match="`cosine` is not defined in backend `frame`"):
        FrameRules([unknown], VOCABULARY)


def test_without_polars_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who did not install the extra learns its name, and that other backends are there."""
    real = builtins.__import__

    def without(name: str, *rest: object, **named: object) -> object:
        if name.partition(".")[0] == "polars":
            raise ImportError(name)
        return real(name, *rest, **named)  # type: ignore[arg-type]  # passed through as they came

    monkeypatch.delitem(sys.modules, "engine.expr.backends.frame")
    monkeypatch.setattr(builtins, "__import__", without)
    found = find_backend("frame")
    assert isinstance(found, Diagnostic)
    assert found.code == "M510"
    assert "mandate-trader[simulate]" in found.help
