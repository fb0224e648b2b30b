"""Switches of the Deployment that undo each other, and money that the set is not written for.

In: a policy set. Out: M344 for a paper account outside the planned equity, M369 for a set that is
enabled for live trading and cannot send an order.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.model.numbers import canonical_number
from engine.policyset.lint.documents import only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.policyset.lint.measures import Measures
    from engine.policyset.policyset import PolicySet


def check(measures: Measures) -> Iterator[Diagnostic]:
    """The paper account, and the two switches of live trading."""
    policy_set = measures.policy_set
    yield from _cash(policy_set)
    deployment = policy_set.deployment
    if deployment.live_enabled and deployment.read_only and deployment.mode == "live":
        place = only(policy_set, "Deployment").places.of(("spec", "read_only"))
        message = "the set is enabled for live trading, and `read_only` forbids every order"
        mend = "say `live_enabled: false` as long as nothing may leave"
        yield Diagnostic("M369", message, place, mend, severity=Severity.WARNING)
    if deployment.live_enabled and deployment.mode != "live":
        place = only(policy_set, "Deployment").places.of(("spec", "live_enabled"))
        message = f"live trading is enabled in a set of mode {deployment.mode}"
        mend = "say `live_enabled: false`: an overlay with `mode: live` states it for itself"
        yield Diagnostic("M369", message, place, mend, severity=Severity.WARNING)


def _cash(policy_set: PolicySet) -> Iterator[Diagnostic]:
    deployment = policy_set.deployment
    if deployment.paper is None or deployment.mode != "paper":
        return
    rates = {code: rate.value for code, rate in deployment.rates.items()}
    rates[deployment.numeraire] = Decimal(1)
    equity = sum(
        (rates.get(c, Decimal(0)) * a for c, a in deployment.paper.cash.items()), Decimal(0)
    )
    low, high = deployment.equity_planned_usd
    if not low <= equity <= high:
        places = only(policy_set, "Deployment").places
        message = (
            f"the paper account begins with {canonical_number(equity)} USD, and the set is "
            f"written for {canonical_number(low)} to {canonical_number(high)}"
        )
        mend = "lend what the set is planned for, or plan for what is lent"
        related = ((places.of_key(("spec", "equity_planned_usd")), "the plan"),)
        place = places.of_key(("spec", "paper", "cash"))
        yield Diagnostic("M344", message, place, mend, related, severity=Severity.WARNING)
