"""The interpreter and the solver give every rule one meaning: what a proof is about is the rule.

Floats and reals are compared over numbers whose sums and products are exact; where a quotient
makes a tie that floats break otherwise, the case is left out, counted, and rare.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import isclose
from typing import TYPE_CHECKING

import pytest
from agreement.wild import DERIVED, FLAGS, NUMBERS, SETS, TEXTS, Tame
from hypothesis import given, settings
from hypothesis import strategies as st
from profiles import examples

from engine.comparison.proving.solver import Answer, solve
from engine.expr.backends.interpret import interpret
from engine.expr.backends.smt import Encoder, World
from engine.expr.backends.values import declared_type, is_known
from engine.expr.nodes import Compare, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.comparison.proving.solver import Known
    from engine.expr.nodes import Node, Value

# More than 5,000 cases by day, and 100,000 by night.
EXAMPLES = examples(day=70, night=1_300)
RULES = 40
ROWS = 2
VOCABULARY = Tame.vocabulary
BASE = (*NUMBERS, *TEXTS, *FLAGS, *SETS)
NEAR = 1e-9
RARE = 0.02


@pytest.mark.long
def test_the_interpreter_and_the_solver_agree() -> None:
    """Over random rules and facts, holes and wrong types included, one verdict."""
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, database=None)
    @given(seed=st.integers(min_value=0, max_value=2**63))
    def agree(seed: int) -> None:
        tame = Tame(seed)
        rules = tame.rules(RULES)
        for facts in tame.facts(ROWS):
            _one_row(rules, facts, seen)

    agree()
    verdicts = [seen[f"rule {verdict}"] for verdict in (True, False, None)]
    assert sum(verdicts) >= 5_000, seen
    assert min(verdicts) >= 200, seen
    assert seen["tie"] <= RARE * sum(verdicts), seen


def _one_row(rules: list[Node], facts: Mapping[str, Value], seen: Counter[str]) -> None:
    solved = _solved(rules, facts)
    for place, rule in enumerate(rules):
        expected = interpret(rule, facts, VOCABULARY)
        ours = solved[f"{place}"] if solved[f"{place} is known"] else None
        seen[f"rule {expected}"] += 1
        if ours is not expected:
            assert _is_tie(rule, facts), (rule, facts, ours, expected)
            seen["tie"] += 1


def _solved(rules: list[Node], facts: Mapping[str, Value]) -> Mapping[str, Known]:
    world = World()
    encoder = Encoder(world, VOCABULARY)
    for place, rule in enumerate(rules):
        world.show(f"{place}", encoder.term(rule))
    for name in world.facts:
        value = facts.get(name)
        world.given(name, value if is_known(value, declared_type(VOCABULARY, name)) else None)
    names = [part for place in range(len(rules)) for part in (f"{place}", f"{place} is known")]
    solution = solve(world.script(assumptions=False), names)
    assert solution.answer is Answer.SATISFIABLE
    assert len(solution.values) == len(names)
    return solution.values


def _is_tie(rule: Node, facts: Mapping[str, Value]) -> bool:
    """Whether some comparison within, definitions included, has its sides all but equal."""
    trees = [rule, *filter(None, map(VOCABULARY.definition_tree, DERIVED))]
    compared = (each for tree in trees for each in walk(tree) if isinstance(each, Compare))
    for each in compared:
        values = [interpret(side, facts, VOCABULARY) for side in each.operands]
        for left, right in pairwise(values):
            numbers = isinstance(left, float) and isinstance(right, float)
            if numbers and isclose(left, right, rel_tol=NEAR, abs_tol=NEAR):
                return True
    return False
