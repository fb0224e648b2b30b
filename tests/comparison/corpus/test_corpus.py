"""The corpus: what is known of each pair is what `policy diff` says, both ways round."""

from __future__ import annotations

import pytest
from comparison.corpus.pairs import Pair, pairs
from comparison.corpus.shipped import shipped, with_edits

from engine.comparison.comparing import Comparison, Protection, compare
from engine.comparison.proving.permission import Permission

PAIRS = pairs()
BY_DAY = 55
"""One pair in so many is asked in a day's run; the others by night."""
LEAST = 200


def rows() -> list[object]:
    """Every pair, most of them for the night."""
    return [
        pytest.param(pair, id=pair.name, marks=() if n % BY_DAY == 0 else pytest.mark.nightly)
        for n, pair in enumerate(PAIRS)
    ]


@pytest.mark.long
@pytest.mark.parametrize("pair", rows())
def test_the_truth_is_told_both_ways(pair: Pair) -> None:
    """Nothing looser or weaker is missed, no alarm is false, nothing is left unknown."""
    head = with_edits(*pair.edits)
    there, back = compare(shipped(), head), compare(head, shipped())
    assert _told(there) == (pair.looser, pair.weaker), there
    assert _told(back) == (pair.tighter, pair.stronger), back


def _told(found: Comparison) -> tuple[bool, bool]:
    """Whether it allows more, and whether it protects less; an unknown fails at once."""
    assert found.permission is not Permission.UNKNOWN, found.open_permission
    assert found.protection is not Protection.UNKNOWN
    for each in found.findings:
        assert (each.witness is not None) == (each.permission is Permission.LOOSER)
    return found.permission is Permission.LOOSER, found.protection is Protection.WEAKER


def test_the_corpus_is_large_enough() -> None:
    """At least two hundred pairs, and both kinds of truth in plenty."""
    assert len(PAIRS) >= LEAST
    kinds = [sum(getattr(p, k) for p in PAIRS) for k in ("looser", "weaker", "tighter", "stronger")]
    assert min(kinds) >= 10, kinds
    assert sum(not (p.looser or p.weaker or p.tighter or p.stronger) for p in PAIRS) >= 50
