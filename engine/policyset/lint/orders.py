"""How orders are sent, and whether positions can be left: ladders, exits, breakers.

In: a policy set. Out: M360 for an entry without a bound on its price, M361 for a stop that could
stay in or that narrows its collar, M362 for a limit or guard that could stop a trim, M363 for a
breaker whose automatic reset waits for what only trading can change.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.kinds.circuit_breaker.document import ResetRearm
from engine.kinds.rule import RuleRole, Stage
from engine.model.orders import Intent
from engine.policyset.lint.documents import only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.policyset.policyset import PolicySet

_LIMITS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_ONLY_TRADING = frozenset({"pace.losses_consecutive_count", "portfolio.drawdown_pct"})


def check(policy_set: PolicySet) -> Iterator[Diagnostic]:
    """What ladders, exits and resets have to answer for."""
    yield from _entries(policy_set)
    yield from _stops(policy_set)
    yield from _trapped(policy_set)
    yield from _resets(policy_set)


def _entries(policy_set: PolicySet) -> Iterator[Diagnostic]:
    places = only(policy_set, "ExecutionPolicy").places
    for index, rung in enumerate(policy_set.execution.ladders.entry):
        if rung.order == "market_ioc":
            place = places.of(("spec", "ladders", "entry", index))
            message = "an entry at any price: `market_ioc` has no bound"
            mend = "write `{order: limit_ioc, collar_bps: …}`; only a stop may take any price"
            yield Diagnostic("M360", message, place, mend)


def _stops(policy_set: PolicySet) -> Iterator[Diagnostic]:
    places = only(policy_set, "ExecutionPolicy").places
    rungs = policy_set.execution.ladders.exit_stop
    for index, (before, after) in enumerate(pairwise(rungs), start=1):
        first, second = before.collar_bps, after.collar_bps
        narrower = first is not None and second is not None and second < first
        if narrower or (before.order == "market_ioc" and after.order != "market_ioc"):
            place = places.of(("spec", "ladders", "exit_stop", index))
            message = "a stop that did not get out tries again with less room"
            mend = "widen from rung to rung, and end with `market_ioc`"
            yield Diagnostic("M361", message, place, mend)
    if rungs[-1].order != "market_ioc":
        place = places.of(("spec", "ladders", "exit_stop", len(rungs) - 1))
        message = "the stop's last rung has a bound, so a gap below it is never left"
        mend = "end the ladder with `{order: market_ioc}`"
        yield Diagnostic("M361", message, place, mend, severity=Severity.WARNING)


def _trapped(policy_set: PolicySet) -> Iterator[Diagnostic]:
    for rule in policy_set.rules:
        # What denies exits is worse, and told by itself (M375).
        reducing = sorted(each.value for each in rule.intents & {Intent.TRIM, Intent.PURGE})
        if rule.role not in _LIMITS or rule.stage is not Stage.ENFORCE or not reducing:
            continue
        message = f"`{rule.id}` can deny {_listed(reducing)}: what must shrink could stay"
        mend = "name only entry and add, unless leaving at that moment is worse than staying"
        yield Diagnostic("M362", message, rule.place, mend, severity=Severity.WARNING)


def _listed(names: list[str]) -> str:
    words = {Intent.TRIM.value: "trims", Intent.PURGE.value: "purges"}
    return " and ".join(words[name] for name in names)


def _resets(policy_set: PolicySet) -> Iterator[Diagnostic]:
    specs = dict(policy_set.breakers)
    for rule in policy_set.of_role(RuleRole.TRIP):
        spec = specs[rule.document.partition("/")[2]]
        facts = {f for f in policy_set.vocabulary.base_facts(rule.tree) if "waiver." not in f}
        if facts and facts <= _ONLY_TRADING and not isinstance(spec.reset, ResetRearm):
            message = f"`{rule.id}` waits for {_named(facts)} to recover, which takes trading"
            mend = "reset by a person (`rearm`), or let the condition end with time"
            yield Diagnostic("M363", message, rule.place, mend, severity=Severity.WARNING)


def _named(facts: set[str]) -> str:
    return " and ".join(f"`{name}`" for name in sorted(facts))
