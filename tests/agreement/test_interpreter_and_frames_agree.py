"""The interpreter and the frames give every rule one meaning, to the last bit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from agreement.wild import Wild
from hypothesis import given, settings
from hypothesis import strategies as st
from profiles import examples

from engine.expr.backends.frame import FrameRules
from engine.expr.backends.interpret import interpret

if TYPE_CHECKING:
    from engine.expr.nodes import Node

# 4,000 cases by day, and 100,000 by night.
EXAMPLES = examples(day=12, night=320)
RULES = 5
VALUES = 3
ROWS = 40
VOCABULARY = Wild.vocabulary


@pytest.mark.long
def test_the_interpreter_and_the_frames_agree() -> None:
    """Over random trees and awkward facts both give the same value in every row, bit for bit."""
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, database=None, deadline=None)
    @given(seed=st.integers(min_value=0, max_value=2**63))
    def agree(seed: int) -> None:
        wild = Wild(seed)
        _agree([*wild.rules(RULES), *wild.values(VALUES)], wild, seen)

    agree()
    verdicts = [seen[each] for each in ("True", "False", "None")]
    assert sum(seen.values()) >= EXAMPLES * ROWS * (RULES + VALUES) // 2, seen
    assert min(verdicts) >= sum(seen.values()) // 20, seen


def _agree(trees: list[Node], wild: Wild, seen: Counter[str]) -> None:
    rows = wild.facts(ROWS)
    rules = FrameRules(trees, VOCABULARY)
    answers = rules.evaluate(rules.of_rows(rows))
    for number, tree in enumerate(trees):
        for facts, ours in zip(rows, answers[str(number)].to_list(), strict=True):
            expected = interpret(tree, facts, VOCABULARY)
            # `repr` tells 0.0 from -0.0 and 1.0 from True, which `==` does not.
            assert repr(ours) == repr(expected), (tree, facts)
            seen[repr(expected) if isinstance(expected, bool | None) else "other"] += 1
