"""The example of a Python strategy: it loads, lints clean, and ranks as its description says."""

from __future__ import annotations

import pytest
from policyset.sets import NOW, ROOT, altered, composed, documents, written

from engine.cycle.judging.programme import Programme
from engine.errors import MandateError
from engine.kinds.base import SourceText
from engine.kinds.strategy.python.loading import Proposer
from engine.model.orders import Mode
from engine.model.proposals import Candidate, Context, Proposal
from engine.policyset.lint import lint
from engine.policyset.reading.sources import with_source

FOLDER = ROOT / "engine" / "kinds" / "strategy" / "python"
HOUR = 'change_pct("60m")'
PARAMS = {
    "least_products_count": 3.0,
    "least_ahead_pct": 1.0,
    "strong_ahead_pct": 4.0,
    "size_pct": 2.0,
    "regime_ratio": 0.5,
}


def example() -> Proposer:
    """The function of the example, in a set that lints clean."""
    path = FOLDER / "example.yaml"
    (document,) = written(path.read_text(), str(path))
    sourced, found = with_source(document, ROOT, {})
    assert found == []
    parts = [each for each in documents("paper") if each.name != "relative_strength"]
    policy_set = composed(sorted([*altered(parts), sourced], key=lambda each: each.id))
    assert lint(policy_set, now=NOW) == ()
    (compiled,) = Programme(policy_set, Mode.PAPER).python
    assert {name for name, _ in compiled.params} == set(PARAMS)
    assert [name for name, _ in compiled.facts] == [HOUR]
    return compiled.propose


def market(*rises: float | None, ratio: float = 0.5) -> Context:
    """Products that have risen so much over an hour; None is a fact that is missing."""
    candidates = (
        Candidate(f"C{n}-USD", "major", {} if rise is None else {HOUR: rise})
        for n, rise in enumerate(rises)
    )
    return Context(tuple(candidates), {**PARAMS, "regime_ratio": ratio}, "bear", ())


def test_the_example_buys_the_strongest_of_many() -> None:
    """It is ahead of the middle, so convinced, and sized by the regime; otherwise it is silent."""
    propose = example()
    told = "3.00 % ahead of the middle of 3"
    assert propose(market(1.0, 4.0, -1.0)) == [Proposal("C1-USD", 0.75, 1.0, told)]
    for silent in (market(1.0, 1.5, 1.2), market(9.0, None, 0.0), market(1, 4, -1, ratio=0)):
        assert propose(silent) == []


def test_the_example_is_the_same_for_the_mirrored_fall() -> None:
    """What falls furthest is not bought: a sign is never lost."""
    assert example()(market(-1.0, -4.0, -1.0)) == []


def test_the_public_face_is_enough_for_it() -> None:
    """The example imports the types that a strategy is given, and the checks let it pass."""
    source = SourceText("s.py", (FOLDER / "relative_strength.py").read_text())
    assert Proposer("s", source, max_steps=1000)(market(1.0, 4.0, -1.0))
    with pytest.raises(MandateError):
        Proposer("s", SourceText("s.py", source.text + "\nx = nothing\n"), max_steps=1000)
