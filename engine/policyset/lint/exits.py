"""Whether a position can always be left: what could deny a way out, or never ask for it.

In: the measures of a set. Out: M375 for a limit or guard that could deny an exit for ever, M376
for planned exits that may rest for ever, M377 for a waiver that promises a trim that nothing
makes, M378 for an exit plan that cannot come about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.expr.nodes import And, Compare, Conditional, Fact, Or, Text
from engine.kinds.base import content_of
from engine.kinds.risk_limit.document import RiskLimitDocument
from engine.kinds.rule import RuleRole, Stage
from engine.kinds.strategy.document import StrategyDocument
from engine.kinds.waiver.document import WaiverDocument
from engine.model.orders import Intent, OrderForm
from engine.policyset.lint.documents import documents_of, only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.expr.nodes import Node
    from engine.kinds.base import Document
    from engine.kinds.rule import Rule
    from engine.policyset.lint.measures import Measures
    from engine.policyset.policyset import PolicySet

_RULES = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_COLLAR = "order.price_vs_mid_bps"
_ALL_PCT = 100
_OF_EVERY_SELL = {
    ("order.side", "=="): frozenset({"SELL"}),
    ("order.side", "!="): frozenset({"BUY"}),
    ("order.intent", "=="): frozenset({"exit"}),
    ("order.intent", "!="): frozenset({"entry", "add", "trim", "purge"}),
}


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Everything that stands between a position and its way out."""
    policy_set = measures.policy_set
    yield from _traps(measures)
    yield from _resting(policy_set)
    yield from _promises(policy_set)
    yield from _plans(policy_set)


def traps(rule: Rule, measures: Measures) -> bool:
    """Whether an enforced rule could deny an exit again and again.

    Doubt never denies an exit, so only what a rule can decide counts.
    """
    if (
        rule.role not in _RULES
        or rule.stage is not Stage.ENFORCE
        or Intent.EXIT not in rule.intents
    ):
        return False
    return not (_passes_exits(rule.tree) or _gives_way(rule, measures))


def _traps(measures: Measures) -> Iterator[Diagnostic]:
    for rule in measures.policy_set.rules:
        if not traps(rule, measures):
            continue
        message = f"`{rule.id}` can deny an exit for as long as it is breached"
        mend = 'name only entry and add; or let exits pass with `order.side == "SELL" or …`'
        if rule.minimum:
            mend = "name only entry and add: the venue's own minimum is known of every exit"
        yield Diagnostic("M375", message, rule.place, mend)


def _passes_exits(tree: Node) -> bool:
    """Whether the flag is true of every exit, by its side or intent alone."""
    match tree:
        case Or():
            return any(_passes_exits(each) for each in tree.operands)
        case And():
            return all(_passes_exits(each) for each in tree.operands)
        case Conditional():
            branch = tree.then if _passes_exits(tree.test) else None
            return branch is not None and _passes_exits(branch)
        case Compare(operands=(Fact(name=name), Text(value=value)), ops=(op,)):
            return value in _OF_EVERY_SELL.get((name, op), frozenset())
        case _:
            return False


def _gives_way(rule: Rule, measures: Measures) -> bool:
    """A collar that the stop's first order keeps, and that its last, without a limit, ignores."""
    stop = measures.policy_set.execution.ladders.exit_stop
    if stop[-1].order != OrderForm.MARKET_IOC.value or not isinstance(rule.tree, Compare):
        return False
    found = measures.bounds([rule])
    first = stop[0].collar_bps or 0
    return len(found) == len(rule.tree.ops) and all(
        bound.words == _COLLAR and bound.upper and bound.least >= first for bound in found
    )


def _resting(policy_set: PolicySet) -> Iterator[Diagnostic]:
    rungs = policy_set.execution.ladders.exit
    if rungs[-1].order == OrderForm.POST_ONLY.value:
        place = only(policy_set, "ExecutionPolicy").places.of(
            ("spec", "ladders", "exit", len(rungs) - 1)
        )
        message = "a planned exit may rest for ever: its last rung takes nothing"
        mend = "end the ladder with `{order: limit_ioc, collar_bps: …}`"
        yield Diagnostic("M376", message, place, mend)


def _promises(policy_set: PolicySet) -> Iterator[Diagnostic]:
    """`at_end: trim` is done by the `trim` of the limit that was waived, and by nothing else."""
    trimming = {
        document.id
        for document in documents_of(policy_set, RiskLimitDocument.KIND)
        if content_of(document, RiskLimitDocument).spec.trim is not None
    }
    for document in documents_of(policy_set, WaiverDocument.KIND):
        spec = content_of(document, WaiverDocument).spec
        if spec.at_end == "trim" and spec.rule not in trimming:
            place = document.places.of(("spec", "at_end"))
            message = f"`{spec.rule}` has no `trim`, so nothing is sold when the waiver ends"
            mend = "give the limit a `trim`, or say `at_end: hold`"
            yield Diagnostic("M377", message, place, mend, severity=Severity.WARNING)


def _plans(policy_set: PolicySet) -> Iterator[Diagnostic]:
    for document in documents_of(policy_set, StrategyDocument.KIND):
        plan = content_of(document, StrategyDocument).spec.exit
        if plan.trailing_pct is not None and plan.trailing_pct >= _ALL_PCT:
            message = f"a price cannot fall by {plan.trailing_pct} % of its best"
            mend = "trail by what a price can lose"
            yield _plan_finding(document, "trailing_pct", message, mend)
        if plan.max_hold is not None and plan.blind_exit_after > plan.max_hold:
            message = "a position that nobody can see is held for longer than one may be held"
            mend = "let `blind_exit_after` be at most `max_hold`"
            yield _plan_finding(document, "blind_exit_after", message, mend)


def _plan_finding(document: Document, name: str, message: str, mend: str) -> Diagnostic:
    return Diagnostic("M378", message, document.places.of(("spec", "exit", name)), mend)
