"""Arithmetic over several limits: what one of them leaves of another.

In: a policy set. Out: M350 for a limit that a limit on something larger makes unreachable (a
position above the total at risk), M351 for a count over a window that a shorter window never lets
happen, M352 for group caps whose sum leaves the total without effect, or makes nonsense of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.kinds.parameters import GROUP_FACT
from engine.kinds.risk_limit.document import RiskLimitDocument
from engine.kinds.rule import RuleRole
from engine.policyset.lint.documents import documents_of
from engine.policyset.lint.measures import covers, joint_cases, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.policyset.lint.measures import Bound, Measures
    from engine.policyset.policyset import PolicySet

_LIMITS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})

# A bound that lets the next rung of a ladder pass still binds every new order.
_NO_NEW_ORDER = frozenset({"order.continues"})

GROUP = "portfolio.group_pct_after"
TOTAL = "portfolio.at_risk_pct_after"
# Each pair: the first is never above the second, whatever the market does.
NESTED = (
    ("position.pct_after", GROUP),
    ("position.pct_after", TOTAL),
    ("position.pct_after", "strategy.at_risk_pct_after"),
    ("order.size_pct", "position.pct_after"),
    (GROUP, TOTAL),
    ("strategy.at_risk_pct_after", TOTAL),
    ("pace.last_trade_age_s", "pace.symbol_last_trade_age_s"),
    ("pace.orders_1m_count", "pace.orders_1h_count"),
    ("pace.orders_1h_count", "pace.orders_24h_count"),
    ("pace.entries_1h_count", "pace.entries_24h_count"),
    ("pace.messages_1s_count", "pace.messages_1m_count"),
)
# Each: a count, one over a longer window, and how often the shorter fits into the longer.
WINDOWS = (
    ("pace.orders_1m_count", "pace.orders_1h_count", 60),
    ("pace.orders_1h_count", "pace.orders_24h_count", 24),
    ("pace.orders_1m_count", "pace.orders_24h_count", 1440),
    ("pace.entries_1h_count", "pace.entries_24h_count", 24),
    ("pace.messages_1s_count", "pace.messages_1m_count", 60),
)


def check(measures: Measures) -> Iterator[Diagnostic]:
    """What limits leave of each other, by arithmetic alone."""
    bounds = _by_fact(measures)
    for smaller, larger in NESTED:
        yield from _nested(bounds.get(smaller, ()), bounds.get(larger, ()))
    for short, long, times in WINDOWS:
        yield from _windows(bounds.get(short, ()), bounds.get(long, ()), times)
    for groups in bounds.get(GROUP, ()):
        for total in bounds.get(TOTAL, ()):
            yield from _group_sum(measures.policy_set, groups, total)


def _by_fact(measures: Measures) -> dict[str, tuple[Bound, ...]]:
    """The bounds on each of the facts above, whichever way their rules spell it."""
    bounds = measures.bounds(r for r in measures.policy_set.rules if r.role in _LIMITS)
    names = {name for pair in (*NESTED, *((a, b) for a, b, _ in WINDOWS)) for name in pair}
    found = {}
    for name in names:
        text = measures.spelled_name(name)
        found[name] = tuple(b for b in bounds if b.measure == text and b.besides <= _NO_NEW_ORDER)
    return found


def _nested(smaller: tuple[Bound, ...], larger: tuple[Bound, ...]) -> Iterator[Diagnostic]:
    for small in smaller:
        for large in larger:
            dead, alive = (small, large) if small.upper else (large, small)
            if (
                small.upper == large.upper
                and covers(alive.rule, dead.rule)
                and _beyond(dead, alive)
            ):
                message = (
                    f"`{dead.rule.id}` allows {shown(dead)}, and `{alive.rule.id}` "
                    f"never lets it come so far: {shown(alive)}"
                )
                related = ((alive.rule.place, "the limit that is met first"),)
                mend = "lower the one or raise the other, so that each can bind"
                yield Diagnostic("M350", message, dead.rule.place, mend, related)


def _beyond(dead: Bound, alive: Bound) -> bool:
    """Whether the dead one never binds, but where it says that nothing is wanted at all."""
    cases = [(one, two) for _, one, two in joint_cases(dead, alive) if one]
    return bool(cases) and all((one > two) == dead.upper and one != two for one, two in cases)


def _windows(
    shorter: tuple[Bound, ...], longer: tuple[Bound, ...], times: int
) -> Iterator[Diagnostic]:
    for short in shorter:
        for long in longer:
            if not (short.upper and long.upper and covers(short.rule, long.rule)):
                continue
            most = short.most * times
            if long.least >= most:
                message = (
                    f"`{long.rule.id}` allows {shown(long)}, and `{short.rule.id}` lets at most "
                    f"{times} x {shown(short)} = {most:.10g} happen in that time"
                )
                related = ((short.rule.place, "the limit that is met first"),)
                mend = f"a cap below {most:.10g} can bind"
                yield Diagnostic("M351", message, long.rule.place, mend, related)


def _group_sum(policy_set: PolicySet, groups: Bound, total: Bound) -> Iterator[Diagnostic]:
    caps = {dict(case).get(GROUP_FACT): value for case, value in groups.values.items()}
    if None in caps or len(caps) < len(groups.values) or not groups.upper:
        return
    yield from _single_caps(caps, groups, total)
    added = sum(caps.values())
    if added < total.least:
        message = (
            f"the caps of `{groups.rule.id}` add up to {added:.10g}, "
            f"so `{total.rule.id}` with {shown(total)} never binds"
        )
        mend = "lower the total or raise the caps, so that each can bind"
        related = ((groups.rule.place, "the caps"),)
        yield Diagnostic("M352", message, total.rule.place, mend, related)
    elif added > total.most and not _explained(policy_set, groups):
        message = (
            f"the caps of `{groups.rule.id}` add up to {added:.10g}, "
            f"above the {shown(total)} of `{total.rule.id}`"
        )
        mend = "lower them, or say in `reason` why not all of them may be full at once"
        related = ((total.rule.place, "the total"),)
        yield Diagnostic(
            "M352", message, groups.rule.place, mend, related, severity=Severity.WARNING
        )


def _single_caps(
    caps: dict[str | None, float], groups: Bound, total: Bound
) -> Iterator[Diagnostic]:
    if all(value > total.most for value in caps.values()):
        return  # M350 has said so of the whole limit
    for name, value in caps.items():
        if value > total.most:
            message = (
                f"the cap of {name} in `{groups.rule.id}` is {value:.10g}, "
                f"above the {shown(total)} of `{total.rule.id}`"
            )
            related = ((total.rule.place, "the total, which is met first"),)
            mend = "a group cannot hold more than everything"
            yield Diagnostic("M350", message, groups.rule.place, mend, related)


def _explained(policy_set: PolicySet, bound: Bound) -> bool:
    """Whether the document of a bound gives a reason for its numbers."""
    for document in documents_of(policy_set, "RiskLimit"):
        content = document.content
        if document.id == bound.rule.document and isinstance(content, RiskLimitDocument):
            return content.spec.reason is not None
    return False
