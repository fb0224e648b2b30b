"""The exit plan of an open position under another set: is it sold at once, or at another bid?

In: what is held, the set, the time. Out: `Stop`: why it would be sold now, or how its way out
moves. The plan is the one that a cycle would give it: the safer of both, field by field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.cycle.steps.plans import plan_under
from engine.model.times import duration_text

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.comparison.activating.standing import Held
    from engine.model.orders import ExitPlan
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

_PCT = 100


@dataclass(frozen=True, slots=True)
class Stop:
    """`why` it is sold at once, or what of its plan `moved`; neither where nothing does."""

    why: str | None = None
    moved: str | None = None


def after_activation(held: Held, policy_set: PolicySet, now: UtcTime) -> Stop:
    """What becomes of a position."""
    plan = plan_under(policy_set, held.strategy, held.plan)
    if plan == held.plan:
        return Stop()
    before, after = (_stop_price(held, each) for each in (held.plan, plan))
    if held.bid is not None and held.bid <= after and held.bid > before:
        return Stop(why=f"since its stop moves to {after:,.2f} and the bid is {held.bid:,.2f}")
    if _reached(held, plan) and not _reached(held, held.plan):
        return Stop(why=f"since its target is now {plan.target_pct:f} %, and the bid is past it")
    held_s = now.since_s(held.opened)
    if plan.max_hold_s is not None and held_s >= plan.max_hold_s:
        return Stop(
            why=f"since nothing is now held for longer than {duration_text(plan.max_hold_s)}"
        )
    return Stop(moved=_moved(held, plan, before, after))


def _moved(held: Held, plan: ExitPlan, before: Decimal, after: Decimal) -> str:
    if before != after:
        return f"its stop moves from {before:,.2f} to {after:,.2f}"
    names = [
        name
        for name in ("target_pct", "max_hold_s", "blind_exit_after_s", "when", "trailing_pct")
        if getattr(plan, name) != getattr(held.plan, name)
    ]
    return f"its plan has another {', '.join(names)}"


def _stop_price(held: Held, plan: ExitPlan) -> Decimal:
    """The bid at which it is sold, the nearer of stop and trailing stop."""
    stop = held.entry_price * (1 - plan.stop_pct / _PCT)
    if plan.trailing_pct is None:
        return stop
    return max(stop, held.peak_price * (1 - plan.trailing_pct / _PCT))


def _reached(held: Held, plan: ExitPlan) -> bool:
    if plan.target_pct is None or held.bid is None:
        return False
    return held.bid >= held.entry_price * (1 + plan.target_pct / _PCT)
