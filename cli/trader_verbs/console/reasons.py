"""Why orders were and were not made, as parts of a console's panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.console.panel import Cell, Part, Tone
from cli.trader_verbs.shown import clock, exact
from engine.cycle.records.telling import reason_of, reason_words, short_rule
from engine.model.decisions import Verdict

if TYPE_CHECKING:
    from engine.cycle.records.story import DecisionRecord
    from engine.policyset.policyset import PolicySet
    from engine.run.status import Status

_VERDICTS = {
    Verdict.ALLOW: Cell("allowed", Tone.GOOD),
    Verdict.RESIZE: Cell("smaller", Tone.WARN),
    Verdict.DENY: Cell("denied", Tone.BAD),
}
_NAMED = 3


def decisions(status: Status) -> Part:
    """The newest decisions first, each with its reason."""
    heads = ("time", "order", "intent", "quantity", "verdict", "because")
    policy_set = status.named.policy_set if status.named else None
    rows = tuple(decision_row(each, policy_set) for each in reversed(status.decisions))
    none = "nothing was decided yet"
    return Part("decisions", "Last decisions", heads, rows, none, frozenset({3}))


def decision_row(decided: DecisionRecord, policy_set: PolicySet | None) -> tuple[Cell, ...]:
    """When, what, why it was wanted, how much, the answer, and its reason."""
    intent, decision = decided.intent, decided.decision
    quantity = decision.quantity if decision.verdict.allowed else decision.asked
    return (
        Cell(clock(decided.time), Tone.QUIET),
        Cell(f"{intent.side.value} {intent.symbol}"),
        Cell(intent.intent.value),
        Cell(exact(quantity)),
        _VERDICTS[decision.verdict],
        Cell(_because(decided, policy_set)),
    )


def _because(decided: DecisionRecord, policy_set: PolicySet | None) -> str:
    decision = decided.decision
    if decision.verdict is Verdict.RESIZE:
        names = ", ".join(map(short_rule, decision.resized_by))
        return f"{names} left so much of {exact(decision.asked)}"
    if decision.reasons:
        return "; ".join(reason_words(each, policy_set) for each in decision.reasons)
    return f"{decided.intent.strategy}: {decided.intent.reason}"


def hindrances(status: Status) -> Part:
    """What stood in the way of each product in the last cycle, alike ones together."""
    policy_set = status.named.policy_set if status.named else None
    alike: dict[str, list[str]] = {}
    for product, text in sorted(status.blockers.items()):
        alike.setdefault(reason_words(reason_of(text), policy_set), []).append(product)
    rows = tuple(
        (Cell(_listed(products)), Cell(words))
        for words, products in sorted(alike.items(), key=lambda each: -len(each[1]))
    )
    heads = ("product", "first blocker")
    return Part("hindrances", "Why nothing more, in the last cycle", heads, rows, "nothing did")


def _listed(products: list[str]) -> str:
    shown = ", ".join(products[:_NAMED])
    more = len(products) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
