"""Rails: the controls without which no set may trade real money.

In: a policy set. Out: M345 for each rail that no enforced rule carries (an error for a set in
mode live, else a warning), M346 for a control that a document claims and nothing enforces. A rail
that is not wanted is said so in words: a RiskLimit with its control and `unlimited: true`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.expr.vocabulary import fact_names
from engine.kinds.risk_limit.document import RiskLimitDocument
from engine.kinds.rule import RuleRole, Stage
from engine.model.orders import Intent, Mode
from engine.policyset.lint.documents import control_of, documents_of, only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Document
    from engine.kinds.rule import Rule
    from engine.policyset.lint.measures import Measures
    from engine.policyset.policyset import PolicySet

_LIMITS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_TRIPS = frozenset({RuleRole.TRIP})
_ADDING = frozenset({Intent.ENTRY, Intent.ADD})


@dataclass(frozen=True, slots=True)
class Rail:
    """One control with the facts of which an enforced rule must name one.

    `upper` says from which side a limit has to bound the fact; None where either will do.
    """

    control: str
    words: str
    roles: frozenset[RuleRole]
    facts: frozenset[str]
    upper: bool | None
    mend: str


RAILS: tuple[Rail, ...] = (
    Rail(
        "C01",
        "price collar",
        _LIMITS,
        frozenset({"order.price_vs_mid_bps", "order.limit_price"}),
        upper=True,
        mend="a RiskLimit such as `order.price_vs_mid_bps <= params.max_beyond_mid_bps`",
    ),
    Rail(
        "C02",
        "maximum order value",
        _LIMITS,
        frozenset({"order.notional_usd", "order.size_pct"}),
        upper=True,
        mend="a RiskLimit such as `order.notional_usd <= params.max_order_usd`",
    ),
    Rail(
        "C04",
        "message throttle",
        _LIMITS,
        frozenset({"pace.messages_1s_count", "pace.messages_1m_count"}),
        upper=True,
        mend="a RiskLimit such as `pace.messages_1m_count < params.max_messages_count`",
    ),
    Rail(
        "C07",
        "daily stop",
        _TRIPS,
        frozenset({"portfolio.pnl_day_pct"}),
        upper=None,
        mend="a CircuitBreaker such as `portfolio.pnl_day_pct <= params.pnl_pct`",
    ),
    Rail(
        "C11",
        "limit on repeated orders",
        _LIMITS,
        frozenset({"order.duplicate_age_s"}),
        upper=False,
        mend="a RiskLimit such as `order.duplicate_age_s >= params.min_age_s`",
    ),
    Rail(
        "C13",
        "kill switch",
        _TRIPS,
        frozenset({"engine.kill_switch"}),
        upper=None,
        mend="a CircuitBreaker with `trip_when: engine.kill_switch`",
    ),
    Rail(
        "C16",
        "stop on a difference between ledger and venue",
        _TRIPS,
        frozenset({"data.reconcile_mismatch_count"}),
        upper=None,
        mend="a CircuitBreaker such as `data.reconcile_mismatch_count > params.max_mismatch_count`",
    ),
    Rail(
        "C27",
        "guard against stale data",
        _LIMITS | _TRIPS,
        frozenset({"quote.age_s"}),
        upper=None,
        mend="a guard such as `quote.age_s <= params.max_quote_age_s`",
    ),
    Rail(
        "C28",
        "position limit that counts working orders",
        _LIMITS,
        frozenset({"position.pct_after", "position.value_after_usd"}),
        upper=True,
        mend="a RiskLimit such as `position.pct_after <= params.max_position_pct`",
    ),
)


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Rails that are missing, and controls that are only claimed."""
    policy_set = measures.policy_set
    live = policy_set.deployment.mode == Mode.LIVE.value
    renounced = _renounced(policy_set)
    for rail in RAILS:
        if rail.control in renounced:
            continue
        if not any(_keeps(rail, rule, measures) for rule in policy_set.rules):
            yield _missing(policy_set, rail, Severity.ERROR if live else Severity.WARNING)
    yield from _claimed(policy_set, renounced)


def _keeps(rail: Rail, rule: Rule, measures: Measures) -> bool:
    """Whether the rule carries the rail for every order that adds risk in live trading."""
    if (
        rule.stage is not Stage.ENFORCE
        or rule.role not in rail.roles
        or Mode.LIVE not in rule.modes
    ):
        return False
    if rule.role is not RuleRole.TRIP and not rule.intents >= _ADDING:
        return False
    named = fact_names(rule.tree) & rail.facts
    return bool(named) and _on_its_side(rail, rule, measures)


def _on_its_side(rail: Rail, rule: Rule, measures: Measures) -> bool:
    """A plain bound counts from its own side only: a minimum order is no maximum."""
    sides = {b.upper for b in measures.bounds([rule]) if b.words in rail.facts}
    return rail.upper is None or not sides or rail.upper in sides


def _missing(policy_set: PolicySet, rail: Rail, severity: Severity) -> Diagnostic:
    message = f"no enforced rule is a {rail.words} ({rail.control})"
    mend = (
        f"add {rail.mend}, or say that none is wanted: a RiskLimit with "
        f"`control: {rail.control}`, `unlimited: true` and a reason"
    )
    place = only(policy_set, "Deployment").places.of(("spec", "mode"))
    return Diagnostic("M345", message, place, mend, severity=severity)


def _renounced(policy_set: PolicySet) -> frozenset[str]:
    """The controls of which a document says in words that none is wanted."""
    found = set()
    for document in documents_of(policy_set, "RiskLimit"):
        content = document.content
        if isinstance(content, RiskLimitDocument) and content.spec.unlimited:
            found.add(control_of(document))
    return frozenset(each for each in found if each is not None)


def _claimed(policy_set: PolicySet, renounced: frozenset[str]) -> Iterator[Diagnostic]:
    enforced = {rule.document for rule in policy_set.rules if rule.stage is Stage.ENFORCE}
    claims: dict[str, list[Document]] = {}
    for kind in ("RiskLimit", "CircuitBreaker"):
        for document in documents_of(policy_set, kind):
            control = control_of(document)
            if control is not None and control not in renounced:
                claims.setdefault(control, []).append(document)
    for control, documents in claims.items():
        if not any(document.id in enforced for document in documents):
            yield _idle(control, documents[0])


def _idle(control: str, document: Document) -> Diagnostic:
    place = document.places.of(("metadata", "control"))
    message = (
        f"`{document.id}` claims {control}, and no document that carries {control} is enforced"
    )
    return Diagnostic("M346", message, place, "say `stage: enforce`, or leave the control out")
