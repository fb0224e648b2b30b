"""Strategies that cannot do what they say: exit plans, conviction, and what they ask for.

In: a policy set. Out: M318 for a target that the round trip costs more than, M319 for parts of an
exit plan that undo each other, M323 for a conviction that is never reached or a canary that never
sings, M339 for a size that its own budget always cuts. Strategies that are off are checked too:
a person switches them on as they stand. A target that always loses is an error in mode live only:
a set for tests may want one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.expr.checking.ranges import Ranges
from engine.kinds.rule import RuleRole
from engine.kinds.strategy.document import StrategyDocument
from engine.model.orders import Mode
from engine.policyset.lint.documents import documents_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Document, Path
    from engine.kinds.execution_policy.document import Rung
    from engine.kinds.strategy.document import StrategySpec
    from engine.policyset.lint.measures import Measures

_BPS = 100  # in one percent
_ALL = 100
_ORDERS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Every strategy of the set, by name."""
    for document in documents_of(measures.policy_set, "Strategy"):
        content = document.content
        if isinstance(content, StrategyDocument):
            yield from _target(measures, document, content.spec)
            yield from _plan(measures, document, content.spec)
            yield from _conviction(measures, document, content.spec)
            yield from _budget(measures, document)


def _target(measures: Measures, document: Document, spec: StrategySpec) -> Iterator[Diagnostic]:
    """A target below the cheapest way in and out loses always, below the dearest often."""
    target = spec.exit.target_pct
    if target is None:
        return
    ladders = measures.policy_set.execution.ladders
    ways = [_fees(measures, rungs) for rungs in (ladders.entry, ladders.exit)]
    cheapest = sum(min(each) for each in ways) / _BPS
    dearest = (sum(max(each) for each in ways) + widest_spread_bps(measures)) / _BPS
    if float(target) >= dearest:
        return
    always = float(target) < cheapest
    live = measures.policy_set.deployment.mode == Mode.LIVE.value
    cost, words = (cheapest, "at least") if always else (dearest, "up to")
    message = f"a target of {target} % is below the round trip, which costs {words} {cost:.4g} %"
    place = document.places.of(("spec", "exit", "target_pct"))
    mend = "aim further than fees and spread take, or trade at lower fees"
    severity = Severity.ERROR if always and live else Severity.WARNING
    yield Diagnostic("M318", message, place, mend, severity=severity)


def _fees(measures: Measures, rungs: tuple[Rung, ...]) -> list[float]:
    fees = measures.policy_set.deployment.fees
    return [float(fees.maker_bps if r.order == "post_only" else fees.taker_bps) for r in rungs]


def widest_spread_bps(measures: Measures) -> float:
    """The widest spread at which an entry passes; 0 where no rule bounds it."""
    rules = [rule for rule in measures.policy_set.rules if rule.role in _ORDERS]
    spread = measures.spelled_name("quote.spread_bps")
    bounds = [b for b in measures.bounds(rules) if b.upper and not b.besides]
    return min((b.most for b in bounds if b.measure == spread), default=0.0)


def _plan(measures: Measures, document: Document, spec: StrategySpec) -> Iterator[Diagnostic]:
    plan = spec.exit
    stop, spread = float(plan.stop_pct), widest_spread_bps(measures) / _BPS
    if stop >= _ALL:
        message = f"a stop {plan.stop_pct} % below the entry price is never met"
        yield _undone(document, "stop_pct", message, "stop before all is lost")
    elif stop < spread:
        message = (
            f"a stop of {plan.stop_pct} % is within the spread of {spread:.4g} % that an entry "
            "may have, so it is met at once"
        )
        yield _undone(document, "stop_pct", message, "stop further away, or enter in less spread")
    if plan.trailing_pct is not None and plan.trailing_pct < plan.stop_pct:
        message = (
            f"a trailing stop of {plan.trailing_pct} % is met before the stop of "
            f"{plan.stop_pct} % from the entry on"
        )
        yield _undone(document, "trailing_pct", message, "trail further than the stop")


def _undone(document: Document, field: str, message: str, mend: str) -> Diagnostic:
    place = document.places.of(("spec", "exit", field))
    return Diagnostic("M319", message, place, mend)


def _conviction(measures: Measures, document: Document, spec: StrategySpec) -> Iterator[Diagnostic]:
    tree = measures.policy_set.values.get(f"{document.id}#conviction")
    if tree is None:
        return
    reach = Ranges(measures.vocabulary).of(tree)
    least = float(spec.min_conviction)
    if reach.high < least:
        message = f"conviction is at most {reach.high:.4g}, so {least:.4g} is never reached"
        yield _unsure(document, ("spec", "min_conviction"), message, "ask for less")
    elif spec.canary is not None:
        yield from _canary(document, float(spec.canary.below_conviction), least, reach.high)


def _canary(document: Document, below: float, least: float, most: float) -> Iterator[Diagnostic]:
    path = ("spec", "canary", "below_conviction")
    if below <= least:
        message = (
            f"the canary is for conviction below {below:.4g}, and below {least:.4g} "
            "nothing is entered"
        )
        yield _unsure(document, path, message, "begin it higher")
    elif below > most:
        message = f"conviction is at most {most:.4g}, so every order is a canary"
        yield _unsure(document, path, message, "begin it lower, or ask for the smaller size itself")


def _unsure(document: Document, path: Path, message: str, mend: str) -> Diagnostic:
    return Diagnostic("M323", message, document.places.of(path), mend, severity=Severity.WARNING)


def _budget(measures: Measures, document: Document) -> Iterator[Diagnostic]:
    """What it asks for against what it may have, in every case in which it asks."""
    size = measures.policy_set.values.get(f"{document.id}#size_pct")
    rule = measures.policy_set.rule(f"{document.id}#budget")
    if size is None or rule is None:
        return
    wanted = [value for value in measures.values(size).values() if value > 0]
    for bound in measures.bounds([rule]):
        if wanted and min(wanted) > bound.most:
            message = (
                f"it asks for {min(wanted):.4g} % of equity or more, and its whole budget is "
                f"{bound.most:.4g} %"
            )
            place = document.places.of_key(("spec", "budget"))
            related = ((document.places.of_key(("spec", "size_pct")), "what it asks for"),)
            mend = "a budget holds at least one position"
            yield Diagnostic("M339", message, place, mend, related, severity=Severity.WARNING)
