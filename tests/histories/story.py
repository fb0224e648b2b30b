"""A history as a person reads it: what was planned, what happened, what broke, and how to see it.

In: an outcome. Out: text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from histories.faults import OF_QUOTES
from histories.plan import plan_of

if TYPE_CHECKING:
    from histories.history import Outcome


def told(outcome: Outcome) -> str:
    """The whole story, with the way to play it again."""
    lines = [*_planned(outcome.seed), "", *outcome.story, ""]
    lines.append(f"{outcome.cycles} cycles, {outcome.orders} orders, sha256 {outcome.digest}")
    if outcome.broken is not None:
        lines.append(f"broken: {outcome.words}")
        lines.append(f"again: PYTHONPATH=tests python -m histories replay {outcome.seed}")
    return "\n".join(lines) + "\n"


def _planned(seed: int) -> list[str]:
    plan = plan_of(seed)
    lines = [f"history {seed}: {plan.products} products, {plan.cycles} cycles with faults"]
    lines += [f"  {each.name}: {each.value}" for each in sorted(plan.faults, key=lambda f: f.name)]
    lines += [
        f"  at passing {each.passing} of `{each.point.value}`: {each.fault.value}"
        for each in plan.strikes
    ]
    if plan.faults & set(OF_QUOTES):
        lines.append(f"  of all quotes {100 * plan.defect_ratio:.0f} % have a defect")
    lines.append(f"  of all requests {100 * plan.failing_ratio:.0f} % fail")
    lines.append(
        f"  answers take {plan.latency_s} s, pages hold {plan.page}, lists lag {plan.lag_s:.1f} s"
        f" (of fills {plan.fills_lag_s:.1f} s)"
    )
    lines.append(
        f"  the venue's clock is {plan.skew_s} s ahead; a known id: {plan.duplicates.value}"
    )
    return lines
