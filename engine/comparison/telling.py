"""What a comparison found, in sentences: for a terminal, a comment and a machine alike.

In: a finding with its witness, or an edit. Out: one line each, without a full stop. Numbers are
told with the facts that they are of.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from engine.comparison.proving.conditions import Wanted
from engine.cycle.records.telling import ALLOWED
from engine.expr.backends.closure import compile_motor
from engine.expr.nodes import Compare, Node, walk
from engine.expr.printing import print_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.comparison.edits import Edit
    from engine.comparison.proving.conditions import Condition
    from engine.comparison.proving.leaning import Leaning
    from engine.comparison.proving.permission import Finding, Witness
    from engine.comparison.proving.states import State
    from engine.expr.backends.closure import Answers
    from engine.expr.nodes import Value
    from engine.expr.vocabulary import Vocabulary
    from engine.kinds.base import Plain

_LONGEST = 70
_MOST_TOLD = 2
_VOWELS = "aeiou"


def witness_sentence(finding: Finding, witness: Witness, vocabulary: Vocabulary) -> str:
    """The order that leaves now, and what refused it; `vocabulary` is that of the base."""
    facts = witness.state.facts
    what = finding.intent.value
    size, equity = (
        _money(facts.get(name)) for name in ("order.notional_usd", "portfolio.equity_usd")
    )
    parts = [
        f"{'an' if what[0] in _VOWELS else 'a'} {what}",
        f" of {size}" if size else "",
        f" in {facts['order.symbol']}" if "order.symbol" in facts else "",
        f", at an equity of {equity}," if equity else "",
        " leaves now, and was refused by ",
        _refusals(witness, vocabulary),
    ]
    return "".join(parts)


def _refusals(witness: Witness, vocabulary: Vocabulary) -> str:
    """The first with their numbers, and the others by name: a sentence that can be read aloud."""
    told, others = witness.refused_by[:_MOST_TOLD], witness.refused_by[_MOST_TOLD:]
    said = [refusal(each, witness.state.facts, vocabulary) for each in told]
    if others:
        said.append(f"and by {len(others)} more: {', '.join(each.id for each in others)}")
    return "; ".join(said)


def leaning_sentence(leaning: Leaning, vocabulary: Vocabulary) -> str:
    """What a rule that protects no longer does, with the numbers at which it did."""
    if leaning.state is None:
        return f"{leaning.id} is {leaning.effect.value}"
    if leaning.is_size:
        return f"{leaning.id} buys more than it did"
    did = _link(
        leaning.tree, _answers(leaning.tree, leaning.state.facts, vocabulary), failing=False
    )
    return f"{leaning.id} is silent{f' where {did}' if did else ' in a state'}, and was not"


def told_state(tree: Node, state: State, vocabulary: Vocabulary) -> str:
    """The comparison that fails in a state, as the end of a sentence."""
    link = _link(tree, _answers(tree, state.facts, vocabulary), failing=True)
    return f": {link}" if link else ""


def refusal(condition: Condition, facts: Mapping[str, Value], vocabulary: Vocabulary) -> str:
    """One condition that refuses, with the numbers that make it."""
    for way in condition.ways:
        for tree, wanted in way:
            why = _why(tree, wanted, facts, vocabulary)
            if why:
                return f"{condition.id}: {why}"
    return condition.id


def edit_sentence(edit: Edit) -> str:
    """`RiskLimit/max_position params.max_position_pct: 3 -> 5`."""
    if not edit.path:
        return f"{edit.document} {'removed' if edit.new is None else 'added'}"
    return f"{edit.document} {edit.dotted}: {shown(edit.old)} -> {shown(edit.new)}"


def _why(tree: Node, wanted: Wanted, facts: Mapping[str, Value], vocabulary: Vocabulary) -> str:
    answers = _answers(tree, facts, vocabulary)
    missing = answers.missing(0)
    if answers.verdicts[0] is None and missing:
        return f"`{missing[0]}` is unknown"
    # A limit is told by the comparison that fails, a breaker by one that holds.
    return _link(tree, answers, failing=wanted in {Wanted.TRUE, Wanted.NOT_FALSE})


def _answers(tree: Node, facts: Mapping[str, Value], vocabulary: Vocabulary) -> Answers:
    return compile_motor([tree], vocabulary).evaluate(facts)


def _link(tree: Node, answers: Answers, *, failing: bool) -> str:
    lefts = [
        left
        for node in walk(tree)
        if isinstance(node, Compare)
        for left, _ in pairwise(node.operands)
    ]
    for left, each in zip(lefts, answers.comparisons(0), strict=True):
        if each.headroom is not None and (each.headroom < 0) is failing:
            limit = f", and {ALLOWED[each.op]} {_told(each.right)}" if failing else ""
            return f"`{print_tree(left)}` is {_told(each.left)}{limit}"
    return ""


def _money(value: Value | None) -> str:
    return f"{value:,.2f} USD" if isinstance(value, float) else ""


def _told(value: Value | None) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def shown(value: Plain | None) -> str:
    """A value in one line, cut where it is long."""
    match value:
        case None:
            return "none"
        case list():
            text = ", ".join(shown(each) for each in value)
        case dict():
            text = ", ".join(f"{key}: {shown(each)}" for key, each in value.items())
        case bool():
            text = str(value).lower()
        case str():
            text = value
        case _:
            text = f"{value:f}"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
