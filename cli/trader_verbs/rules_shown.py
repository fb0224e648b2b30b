"""The rules of a decision as a table: what each compared, and how much was left.

In: a decision's evaluations, and the set that made it where it can be had. Out: text. What was
broken comes first, then what could not be decided, then what passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.shown import columns, counted
from engine.cycle.records.telling import compared_words, short_rule
from engine.kinds.rule import Stage
from engine.model.decisions import Outcome

if TYPE_CHECKING:
    from engine.model.decisions import Decision, Evaluation
    from engine.policyset.policyset import PolicySet

_ORDER = {Outcome.BREACH: 0, Outcome.UNDECIDED: 1, Outcome.PASS: 2}


def rules_table(decision: Decision, policy_set: PolicySet | None) -> str:
    """Every rule that was evaluated, with its numbers."""
    ordered = sorted(decision.evaluations, key=lambda each: _ORDER[each.outcome])
    head = f"rules ({counted(len(ordered), 'evaluated', 'evaluated')})\n"
    return head + columns([_row(each, policy_set) for each in ordered])


def rule_name(evaluation: Evaluation) -> str:
    """A rule's short name, with the group that it was asked about."""
    group = f" of {evaluation.group}" if evaluation.group else ""
    return f"{short_rule(evaluation.rule)}{group}"


def numbers(evaluation: Evaluation, policy_set: PolicySet | None) -> str:
    """What one rule compared, or what it missed."""
    if evaluation.outcome is Outcome.UNDECIDED:
        return f"{', '.join(evaluation.missing) or 'a fact'} unknown"
    return "; ".join(compared_words(evaluation, policy_set))


def _row(evaluation: Evaluation, policy_set: PolicySet | None) -> tuple[str, str, str]:
    enforced = evaluation.stage == Stage.ENFORCE.value
    outcome = evaluation.outcome.value if enforced else f"({evaluation.outcome.value})"
    note = "" if enforced else f" ({evaluation.stage} only)"
    return outcome, rule_name(evaluation), numbers(evaluation, policy_set) + note
