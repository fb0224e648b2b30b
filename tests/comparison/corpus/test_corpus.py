"""The corpus: what is known of each pair is what `policy diff` says, both ways round."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from comparison.corpus.pairs import Pair, pairs
from comparison.corpus.shipped import shipped, with_edits

from engine.comparison.comparing import Comparison, Protection, compare
from engine.comparison.proving.conditions import conditions_of
from engine.comparison.proving.own_facts import readings
from engine.comparison.proving.permission import Permission
from engine.expr.backends.closure import compile_motor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.comparison.proving.own_facts import Reading
    from engine.comparison.proving.permission import Finding, Witness
    from engine.policyset.policyset import PolicySet

PAIRS = pairs()
BY_DAY = PAIRS[::55]
"""The pairs that are asked in a day's run; all of them by night."""
LEAST = 200
MOST_UNKNOWN = 0.01


@pytest.mark.long
@pytest.mark.parametrize("pair", BY_DAY, ids=[each.name for each in BY_DAY])
def test_the_truth_is_told_both_ways(pair: Pair) -> None:
    """Nothing looser or weaker is missed, no alarm is false, nothing is left unknown."""
    assert {told: times for told, times in _told(pair).items() if told != "as it is"} == {}


@pytest.mark.nightly
def test_the_whole_corpus() -> None:
    """No loosening or weakening is missed, no witness is unconfirmed, equivalents are proved.

    Nor is any alarm false. What nobody could tell is at most one in a hundred.
    """
    told: Counter[str] = Counter()
    for pair in PAIRS:
        told += _told(pair)
    unknown = sum(times for each, times in told.items() if each.startswith("unknown"))
    assert unknown <= MOST_UNKNOWN * told.total(), told
    wrong = {each for each in told if each != "as it is" and not each.startswith("unknown")}
    assert wrong == set()
    assert told.total() == 2 * len(PAIRS)


def test_the_corpus_is_large_enough() -> None:
    """At least two hundred pairs, and both kinds of truth in plenty."""
    assert len(PAIRS) >= LEAST
    kinds = [sum(getattr(p, k) for p in PAIRS) for k in ("looser", "weaker", "tighter", "stronger")]
    assert min(kinds) >= 10, kinds
    assert sum(not (p.looser or p.weaker or p.tighter or p.stronger) for p in PAIRS) >= 50


def _told(pair: Pair) -> Counter[str]:
    """How often the pair is told as it is, both ways round, and in words how else."""
    head = with_edits(*pair.edits)
    there = _against(shipped(), head, looser=pair.looser, weaker=pair.weaker)
    back = _against(head, shipped(), looser=pair.tighter, weaker=pair.stronger)
    ways = (("", there), (" back", back))
    return Counter(
        told if told == "as it is" else f"{told}: {pair.name}{way}" for way, told in ways
    )


def _against(base: PolicySet, head: PolicySet, *, looser: bool, weaker: bool) -> str:
    found = compare(base, head)
    if not all(_confirmed(each, *readings(base, head)) for each in _witnesses(found)):
        return "unconfirmed"
    doubts = {Permission.UNKNOWN, Protection.UNKNOWN} & {found.permission, found.protection}
    if doubts and not (looser or weaker):
        return "unknown"
    allows = found.permission is Permission.LOOSER
    protects_less = found.protection is Protection.WEAKER
    if (looser and not allows) or (weaker and not protects_less):
        return "unknown" if doubts else "missed"
    return "as it is" if (allows, protects_less) == (looser, weaker) else "a false alarm"


def _witnesses(found: Comparison) -> Iterator[tuple[Finding, Witness]]:
    for each in found.findings:
        assert (each.witness is not None) == (each.permission is Permission.LOOSER)
        if each.witness is not None:
            yield each, each.witness


def _confirmed(told: tuple[Finding, Witness], base: Reading, head: Reading) -> bool:
    """Whether the motor that trades says the same of the state as the interpreter did."""
    return _refused(base, *told) and not _refused(head, *told)


def _refused(reading: Reading, finding: Finding, witness: Witness) -> bool:
    conditions = conditions_of(reading.policy_set, finding.intent)
    trees = [tree for each in conditions for way in each.ways for tree, _ in way]
    answers = iter(compile_motor(trees, reading.vocabulary).evaluate(witness.state.facts).verdicts)
    met = [
        [[wanted.met(next(answers)) for _, wanted in way] for way in each.ways]
        for each in conditions
    ]
    return not all(any(all(way) for way in ways) for ways in met)
