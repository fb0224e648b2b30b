"""How much of its limit a rule has used: one meaning for every screen, page and frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.decisions import Comparison, Evaluation, Outcome
from engine.model.usage import FAR_BEYOND_PCT, used_pct, used_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.decisions import Told

Link = tuple["Told", str, "Told"]
OTHER: Link = ("breakout", "!=", "momentum")
USED: dict[str, tuple[Sequence[Link], Outcome, float | None]] = {
    "half of a maximum": ([(5.0, "<=", 10.0)], Outcome.PASS, 50),
    "at a maximum": ([(10.0, "<=", 10.0)], Outcome.PASS, 100),
    "beyond a maximum": ([(15.0, "<", 10.0)], Outcome.BREACH, 150),
    "nothing of a maximum": ([(0.0, "<=", 10.0)], Outcome.PASS, 0),
    "on the other side of zero": ([(-5.0, "<=", 10.0)], Outcome.PASS, 0),
    "a maximum of zero, met": ([(0.0, "<=", 0.0)], Outcome.PASS, None),
    "a maximum of zero, broken": ([(1.0, "<=", 0.0)], Outcome.BREACH, FAR_BEYOND_PCT),
    "a maximum below zero": ([(-4.0, "<=", -3.0)], Outcome.PASS, 75),
    "above a maximum below zero": ([(1.0, "<=", -3.0)], Outcome.BREACH, FAR_BEYOND_PCT),
    "far from a minimum": ([(1000.0, ">=", 10.0)], Outcome.PASS, 1),
    "at a minimum": ([(10.0, ">=", 10.0)], Outcome.PASS, 100),
    "below a minimum": ([(4.0, ">", 5.0)], Outcome.BREACH, 125),
    "nothing where a minimum is": ([(0.0, ">=", 5.0)], Outcome.BREACH, FAR_BEYOND_PCT),
    "a loss against the most": ([(-3.0, ">=", -5.0)], Outcome.PASS, 60),
    "a loss beyond the most": ([(-6.0, ">=", -5.0)], Outcome.BREACH, 120),
    "a gain where a loss is the limit": ([(2.0, ">=", -5.0)], Outcome.PASS, 0),
    "the nearest of two": ([(1.0, "<=", 10.0), (9.0, "<=", 10.0)], Outcome.PASS, 90),
    "a way that an `or` did not take": ([(50.0, "<=", 10.0), (1.0, "<=", 10.0)], Outcome.PASS, 10),
    "another strategy's budget": ([OTHER, (9.0, "<=", 10.0)], Outcome.PASS, None),
    "the strategy's own": ([("a", "!=", "a"), (9.0, "<=", 10.0)], Outcome.PASS, 90),
    "text": ([("online", "==", "online")], Outcome.PASS, None),
    "a flag": ([(True, "==", True)], Outcome.PASS, None),
    "numbers without an order": ([(1.0, "==", 2.0)], Outcome.BREACH, None),
    "a fact that is missing": ([(None, "<=", 5.0)], Outcome.UNDECIDED, None),
    "a limit that is missing": ([(5.0, "<=", None)], Outcome.UNDECIDED, None),
    "nothing compared": ([], Outcome.PASS, None),
}


def answered(links: Sequence[Link], outcome: Outcome) -> Evaluation:
    """A rule's answer."""
    compared = tuple(Comparison(left, op, right, None) for left, op, right in links)
    return Evaluation("RiskLimit/x", None, "enforce", outcome, compared, ())


@pytest.mark.parametrize(("links", "outcome", "wanted"), USED.values(), ids=USED)
def test_how_much_of_a_limit_is_used(
    links: Sequence[Link], outcome: Outcome, wanted: float | None
) -> None:
    """The measured value in percent of a maximum, or a minimum in percent of the measured value."""
    assert used_pct(answered(links, outcome)) == (None if wanted is None else pytest.approx(wanted))


@given(left=st.floats(-1e6, 1e6), right=st.floats(-1e6, 1e6), strict=st.booleans())
def test_what_holds_has_used_no_more_than_all(left: float, right: float, *, strict: bool) -> None:
    """A share above 100 % is a breach and a breach is one, for maxima and minima alike."""
    most, least = ("<", ">") if strict else ("<=", ">=")
    holds = left < right if strict else left <= right
    for link in ((left, most, right), (right, least, left)):
        shares = [share for share, _ in used_shares(answered([link], Outcome.BREACH))]
        assert all(0 <= share <= FAR_BEYOND_PCT for share in shares)
        if left != right:
            assert all((share <= 100) == holds or share == 100 for share in shares)
