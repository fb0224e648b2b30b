"""How much of its limit a rule has used, in percent: 100 is at the edge, and more is beyond it.

In: a rule's `Evaluation`. Out: for `value <= limit` the value in percent of the limit, for
`value >= limit` the limit in percent of the value; a loss against the most that may be lost is a
share too. Texts, flags, what is missing and a limit of zero that holds have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.decisions import Comparison, Outcome

if TYPE_CHECKING:
    from engine.model.decisions import Evaluation, Told

NEAR_PCT = 90.0
"""Within 10 % of binding."""

EDGE_PCT = 100.0
FAR_BEYOND_PCT = 1000.0
"""Nobody reads more; a share against nothing would have no end."""

_MOST = frozenset({"<", "<="})
_LEAST = frozenset({">", ">="})


def used_pct(evaluation: Evaluation) -> float | None:
    """How much of a rule was used: that of its nearest comparison; None where none has a share."""
    return max((share for share, _ in used_shares(evaluation)), default=None)


def used_shares(evaluation: Evaluation) -> list[tuple[float, int]]:
    """What is used by each comparison that has a share, with its number in the rule."""
    if any(map(_sets_aside, evaluation.comparisons)):
        return []
    # What is beyond its limit, and still lets pass, stands beside an `or`: a way not taken.
    most = EDGE_PCT if evaluation.outcome is Outcome.PASS else FAR_BEYOND_PCT
    found = ((share_of(each), number) for number, each in enumerate(evaluation.comparisons))
    return [(share, number) for share, number in found if share is not None and share <= most]


def share_of(compared: Comparison) -> float | None:
    """What one comparison has used; None where it has no order or no numbers."""
    left, right = _number(compared.left), _number(compared.right)
    if left is None or right is None:
        return None
    if compared.op in _MOST:
        return _share(left, right)
    return _share(-left, -right) if compared.op in _LEAST else None


def _sets_aside(compared: Comparison) -> bool:
    """Whether the order was another's: the budget of a strategy says so by its name."""
    names = isinstance(compared.left, str) and isinstance(compared.right, str)
    return names and compared.op == "!=" and compared.left != compared.right


def _number(told: Told) -> float | None:
    return told if isinstance(told, float) else None


def _share(value: float, most: float) -> float | None:
    """The share that `value` is of the most that it may be; of a limit below zero, the inverse."""
    if most > 0:
        return min(max(0.0, EDGE_PCT * value / most), FAR_BEYOND_PCT)
    if most < 0:
        return min(EDGE_PCT * most / value, FAR_BEYOND_PCT) if value < 0 else FAR_BEYOND_PCT
    # Nothing may be used and nothing is: neither far from the edge nor near it.
    return FAR_BEYOND_PCT if value > 0 else None
