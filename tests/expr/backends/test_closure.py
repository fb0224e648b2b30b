"""The motor: its two paths, its reasons, and what its source may hold."""

from __future__ import annotations

import math
import warnings
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.errors import Snippet
from engine.expr.backends.backend import NotDefinedError
from engine.expr.backends.closure import Comparison, compile_motor, compile_value
from engine.expr.facts import VOCABULARY
from engine.expr.grammar import parse
from engine.expr.nodes import Call, Compare, Fact, Number, Text
from engine.expr.vocabulary import FactScope, FactSpec, FactType

if TYPE_CHECKING:
    from engine.expr.nodes import Node, Value

FACTS: dict[str, Value] = {
    "quote.bid": 99.0,
    "quote.ask": 101.0,
    "quote.age_s": 2.0,
    "quote.crossed": False,
    "order.side": "BUY",
    "asset.groups": frozenset({"majors"}),
}


def tree(text: str) -> Node:
    """A parsed expression."""
    parsed = parse(Snippet.of(text)).tree
    assert parsed is not None
    return parsed


def known_path_answers(text: str, facts: dict[str, Value]) -> bool:
    """Whether the fast path alone decides a rule."""
    motor = compile_motor([tree(text)], VOCABULARY)
    try:
        return motor._known(facts) is not None
    except (KeyError, TypeError, ArithmeticError):
        return False


def test_every_rule_of_a_set_gets_its_own_answer() -> None:
    """Verdicts stand in the order of the rules."""
    rules = [tree("quote.bid < 100"), tree("quote.crossed"), tree("asset.listing_age_d < 5")]
    answers = compile_motor(rules, VOCABULARY).evaluate(FACTS)
    assert answers.verdicts == (True, False, None)
    assert [answers.missing(rule) for rule in range(3)] == [(), (), ("asset.listing_age_d",)]


def test_an_empty_set_has_no_answers() -> None:
    """A set without rules compiles and answers nothing."""
    answers = compile_motor([], VOCABULARY).evaluate(FACTS)
    assert (answers.verdicts, answers.operands, answers.headroom()) == ((), (), ())


def test_comparisons_tell_both_sides_and_the_room() -> None:
    """Each link of a rule gives its values and its headroom, in the order of the text."""
    rule = tree("1 < quote.age_s <= 5 and order.side == 'BUY' and quote.bid >= 100")
    answers = compile_motor([rule], VOCABULARY).evaluate(FACTS)
    assert answers.comparisons(0) == (
        Comparison(1.0, "<", 2.0),
        Comparison(2.0, "<=", 5.0),
        Comparison("BUY", "==", "BUY"),
        Comparison(99.0, ">=", 100.0),
    )
    assert [each.headroom for each in answers.comparisons(0)] == [1.0, 3.0, None, -1.0]
    assert answers.headroom() == ((1.0, 3.0, None, -1.0),)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"quote.age_s": 2.0}, ((None, 3.0, None),)),
        ({"quote.bid": 1e308, "quote.age_s": -1e308}, ((1e308, 1e308, None),)),
        ({"quote.bid": -1e308, "quote.age_s": -1e308}, ((-1e308, 1e308, None),)),
        ({}, ((None, None, None),)),
    ],
)
def test_headroom_is_there_for_what_is_known(
    facts: dict[str, Value], expected: tuple[tuple[float | None, ...]]
) -> None:
    """A missing fact takes the headroom of its own comparison only."""
    rule = tree("quote.bid > 1 or quote.age_s < 5 or quote.age_s == 1")
    assert compile_motor([rule], VOCABULARY).evaluate(facts).headroom() == expected


def test_headroom_that_overflows_is_none() -> None:
    """A difference beyond binary64 is no number, in both ways of working it out."""
    rule = tree("quote.bid < quote.ask")
    answers = compile_motor([rule], VOCABULARY).evaluate(
        {"quote.bid": -1e308, "quote.ask": 1.7e308}
    )
    assert answers.verdicts == (True,)
    assert answers.headroom() == ((None,),)
    assert answers.comparisons(0)[0].headroom is None


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("quote.bid < 5", {"quote.bid": "text"}),
        ("quote.bid == 5", {"quote.bid": "text"}),
        ("quote.bid <= 5", {"quote.bid": True}),
        ("quote.bid <= 5", {"quote.bid": 3}),
        ("quote.bid <= 5", {"quote.bid": 10**400}),
        ("quote.bid != 5", {"quote.bid": math.nan}),
        ("quote.bid > 5", {"quote.bid": math.inf}),
        ("quote.bid > 5", {"quote.bid": None}),
        ("order.side != 'BUY'", {"order.side": None}),
        ("order.side != 'BUY'", {"order.side": 1.0}),
        ("quote.crossed or true", {"quote.crossed": 1.0}),
        ("not quote.crossed", {"quote.crossed": 0.0}),
        ("'a' in asset.groups", {"asset.groups": "abc"}),
        ("order.side in ('a', 'b')", {"order.side": frozenset({"a"})}),
    ],
)
def test_a_value_of_another_type_counts_as_missing(text: str, facts: dict[str, Value]) -> None:
    """A snapshot with a bug neither crashes the motor nor decides a rule."""
    answers = compile_motor([tree(text)], VOCABULARY).evaluate(facts)
    assert answers.verdicts == ((True,) if text.endswith("true") else (None,))


@pytest.mark.parametrize(
    "text",
    [
        "quote.bid < 100",
        "quote.spread_bps <= 500 and not quote.crossed",
        "default(quote.bid, 5) > 1 or has(quote.ask)",
        "at_least(1, quote.crossed, quote.age_s < 5)",
        "(quote.age_s / (quote.bid - 99) if quote.bid > 99 else 0) < 5",
        "clamp(quote.age_s, 0, 1) <= abs(-quote.bid)",
        "'majors' in asset.groups and order.side in ('BUY', 'SELL')",
    ],
)
def test_known_facts_take_the_fast_path(text: str) -> None:
    """Where every fact is known and finite, the slow path is not asked."""
    assert known_path_answers(text, FACTS)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("quote.bid < 100", {}),
        ("1 / (quote.bid - 99) > 0", FACTS),
        ("min(quote.bid * 100, 5) == 5", {"quote.bid": 1e308}),
        ("1 / (quote.bid * 100) < 5", {"quote.bid": 1e308}),
        ("quote.bid * 100 > 5", {"quote.bid": 1e308}),
        ("(quote.bid * 100 if quote.bid > 1 else 1) in (1, 2)", {"quote.bid": 1e308}),
        ("no.such_fact > 1", FACTS),
    ],
)
def test_the_fast_path_steps_back_in_doubt(text: str, facts: dict[str, Value]) -> None:
    """A missing fact, a division by zero or an overflow is left to the slow path."""
    assert not known_path_answers(text, facts)
    assert compile_motor([tree(text)], VOCABULARY).evaluate(facts).verdicts == (None,)


def test_a_number_beyond_binary64_is_undecided() -> None:
    """A literal that no float holds decides nothing, on either side."""
    huge = Number(Decimal("1e400"))
    rule = Compare((Fact("quote.bid"), huge), ("<",))
    assert compile_motor([rule], VOCABULARY).evaluate(FACTS).verdicts == (None,)
    assert compile_value(huge, VOCABULARY)(FACTS) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("quote.bid + 1", 100.0),
        ("-quote.bid", -99.0),
        ("quote.age_s - -3", 5.0),
        ("quote.mid", 100.0),
        ("order.side", "BUY"),
        ("'x' if quote.crossed else order.side", "BUY"),
        ("asset.groups", frozenset({"majors"})),
        ("asset.listing_age_d * 2", None),
        ("quote.bid / (quote.age_s - 2)", None),
        ("3", 3.0),
    ],
)
def test_a_value_of_any_type_can_be_compiled(text: str, value: Value | None) -> None:
    """Sizes and texts come out of the same two paths."""
    function = compile_value(tree(text), VOCABULARY)
    assert function(FACTS) == value
    assert "def known" in function.source


def test_user_text_stays_text_in_the_source() -> None:
    """Quotes, line breaks and code in a literal are data to the generated function."""
    nasty = "'); import os; x = ('\n\"\\"
    rule = Compare((Fact("order.side"), Text(nasty)), ("==",))
    motor = compile_motor([rule], VOCABULARY)
    assert motor.evaluate({"order.side": nasty}).verdicts == (True,)
    assert repr(nasty) in motor.source


def test_a_function_without_a_meaning_is_refused_by_name() -> None:
    """Compiling tells which operation the motor does not have."""
    rule = Compare((Call("cosine", (Fact("quote.bid"),)), Number(Decimal(1))), ("<",))
    with pytest.raises(NotDefinedError, match="`cosine` is not defined in backend `closure`"):
        compile_motor([rule], VOCABULARY)


def test_series_facts_are_read_by_their_canonical_text() -> None:
    """A series call is one fact, whatever stands in its name."""
    rule = tree("change_pct('60m') > 1 and ema(20, '1m') > quote.bid")
    facts = {'change_pct("60m")': 2.0, 'ema(20, "1m")': 120.0, "quote.bid": 99.0}
    assert compile_motor([rule], VOCABULARY).evaluate(facts).verdicts == (True,)


@pytest.mark.parametrize("definition", ["3", "-3", '"chop"', "true"])
def test_a_derived_fact_may_be_a_bare_literal(definition: str) -> None:
    """A parameter of a policy set compiles without a warning, and has its value on both paths."""
    spec = FactSpec(
        name="policy.limit.value",
        type=FactType.NUMBER,
        unit=None,
        scope=FactScope.ACCOUNT,
        producer="",
        sentence="a parameter",
        definition=definition,
    )
    vocabulary = VOCABULARY.extended([spec])
    both = tree("has(policy.limit.value) and policy.limit.value == policy.limit.value")
    missing = tree("quote.bid < 100")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answers = compile_motor([both, missing], vocabulary).evaluate({})
    assert answers.verdicts == (True, None)
