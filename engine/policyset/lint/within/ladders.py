"""Rungs of a ladder that no order ever stands on.

In: a policy set. Out: M325 for a collar that the price collar refuses, M326 for a cost budget that
the fee alone exceeds, M366 for a rung that rests in the book after one that takes from it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.kinds.rule import RuleRole
from engine.model.orders import Intent
from engine.policyset.lint.documents import only
from engine.policyset.lint.measures import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.errors import Place
    from engine.kinds.base import Path
    from engine.policyset.lint.measures import Bound, Measures

_LIMITS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_REST = "post_only"


def check(measures: Measures) -> Iterator[Diagnostic]:
    """The entry ladder against limits on price and cost, and the order of all rungs."""
    yield from _collars(measures)
    yield from _fees(measures)
    yield from _order(measures)


def _entry_bounds(measures: Measures, fact: str) -> list[Bound]:
    rules = (
        rule
        for rule in measures.policy_set.rules
        if rule.role in _LIMITS and Intent.ENTRY in rule.intents
    )
    text = measures.spelled_name(fact)
    return [b for b in measures.bounds(rules) if b.upper and not b.besides and b.measure == text]


def _collars(measures: Measures) -> Iterator[Diagnostic]:
    bounds = _entry_bounds(measures, "order.price_vs_mid_bps")
    for index, rung in enumerate(measures.policy_set.execution.ladders.entry):
        for bound in bounds:
            if rung.collar_bps is not None and float(rung.collar_bps) > bound.most:
                message = (
                    f"this rung reaches {rung.collar_bps} bps beyond the mid, and "
                    f"`{bound.rule.id}` allows {shown(bound)}"
                )
                related = ((bound.rule.place, "the price collar"),)
                mend = "reach less far, or allow more"
                at = ("entry", index, "collar_bps")
                yield _rung(measures, "M325", at, message, mend, related)


def _fees(measures: Measures) -> Iterator[Diagnostic]:
    fees = measures.policy_set.deployment.fees
    rungs = measures.policy_set.execution.ladders.entry
    told: set[str] = set()
    for bound in _entry_bounds(measures, "order.cost_bps"):
        for index, rung in enumerate(rungs):
            fee = fees.maker_bps if rung.order == _REST else fees.taker_bps
            refused = {case: value for case, value in bound.values.items() if value < float(fee)}
            if not refused or rung.order in told:
                continue
            told.add(rung.order)
            where = "" if len(refused) == len(bound.values) else f" ({_cases(refused)})"
            message = (
                f"the fee of {fee} bps for `{rung.order}` is above the cost that "
                f"`{bound.rule.id}` allows: {min(refused.values()):.10g}{where}"
            )
            related = ((bound.rule.place, "the cost budget"),)
            mend = "allow what the fee takes and some slippage, or leave the rung out"
            yield _rung(measures, "M326", ("entry", index), message, mend, related)


def _cases(refused: dict[frozenset[tuple[str, str]], float]) -> str:
    return ", ".join(sorted({f"{fact} {value}" for case in refused for fact, value in case}))


def _order(measures: Measures) -> Iterator[Diagnostic]:
    ladders = measures.policy_set.execution.ladders
    for name, rungs in (("entry", ladders.entry), ("exit", ladders.exit), ("trim", ladders.trim)):
        for index, (before, after) in enumerate(pairwise(rungs), start=1):
            if after.order == _REST != before.order:
                message = "this rung rests in the book after one that takes from it"
                mend = "rest first, and take at last"
                yield _rung(measures, "M366", (name, index), message, mend, ())


def _rung(
    measures: Measures,
    code: str,
    path: Path,
    message: str,
    mend: str,
    related: tuple[tuple[Place, str], ...],
) -> Diagnostic:
    place = only(measures.policy_set, "ExecutionPolicy").places.of(("spec", "ladders", *path))
    return Diagnostic(code, message, place, mend, related, severity=Severity.WARNING)
