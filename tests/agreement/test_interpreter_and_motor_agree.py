"""The interpreter and the motor give every rule one meaning, to the last bit and the last name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from agreement.wild import Wild
from hypothesis import given, settings
from hypothesis import strategies as st
from profiles import examples

from engine.expr.backends.closure import Motor, compile_motor, compile_value
from engine.expr.backends.interpret import interpret, missing_facts
from engine.expr.nodes import Compare, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expr.backends.closure import Answers
    from engine.expr.nodes import Node, Value

# More than 20,000 cases by day, and 100,000 by night.
EXAMPLES = examples(day=150, night=800)
RULES = 7
VALUES = 2
ROWS = 25
VOCABULARY = Wild.vocabulary


@pytest.mark.long
def test_the_interpreter_and_the_motor_agree() -> None:
    """Over random rules and awkward facts both give one verdict, one reason, one list of causes."""
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, database=None)
    @given(seed=st.integers(min_value=0, max_value=2**63))
    def agree(seed: int) -> None:
        wild = Wild(seed)
        _one_set(wild, wild.facts(ROWS), seen)

    agree()
    _assert_enough(seen)


def _one_set(wild: Wild, rows: list[dict[str, Value]], seen: Counter[str]) -> None:
    rules = wild.rules(RULES)
    motor = compile_motor(rules, VOCABULARY)
    values = [(tree, compile_value(tree, VOCABULARY)) for tree in wild.values(VALUES)]
    for number, facts in enumerate(rows):
        answers = motor.evaluate(facts)
        seen["fast rows"] += _is_fast(motor, facts)
        for index, rule in enumerate(rules):
            expected = interpret(rule, facts, VOCABULARY)
            _assert_same(answers.verdicts[index], expected, rule, facts)
            seen[f"rule {expected}"] += 1
            if number % 5 == 0:
                _assert_same_reasons(answers, index, rule)
        for tree, function in values:
            expected = interpret(tree, facts, VOCABULARY)
            _assert_same(function(facts), expected, tree, facts)
            seen["value None" if expected is None else "value"] += 1


def _is_fast(motor: Motor, facts: Mapping[str, Value]) -> bool:
    try:
        return motor._known(facts) is not None
    except (KeyError, TypeError, ArithmeticError):
        return False


def _assert_same(ours: object, expected: object, tree: Node, facts: Mapping[str, Value]) -> None:
    # `repr` tells 0.0 from -0.0 and 1.0 from True, which `==` does not.
    assert repr(ours) == repr(expected), (tree, facts)


def _assert_same_reasons(answers: Answers, index: int, rule: Node) -> None:
    facts = answers.facts
    expected = [
        (interpret(left, facts, VOCABULARY), op, interpret(right, facts, VOCABULARY))
        for node in walk(rule)
        if isinstance(node, Compare)
        for left, op, right in zip(node.operands, node.ops, node.operands[1:], strict=False)
    ]
    ours = [(each.left, each.op, each.right) for each in answers.comparisons(index)]
    _assert_same(ours, expected, rule, facts)
    rooms = tuple(each.headroom for each in answers.comparisons(index))
    _assert_same(answers.headroom()[index], rooms, rule, facts)
    blamed = missing_facts(rule, facts, VOCABULARY)
    _assert_same(answers.missing(index), blamed, rule, facts)


def _assert_enough(seen: Counter[str]) -> None:
    """A generator that drifts into trivial cases fails here rather than passing quietly."""
    verdicts = [seen[f"rule {verdict}"] for verdict in (True, False, None)]
    assert sum(verdicts) >= 20_000, seen
    assert min(verdicts) >= 2_000, seen
    assert min(seen["value"], seen["value None"]) >= 1_000, seen
    assert seen["fast rows"] >= 500, seen
