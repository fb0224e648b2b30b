"""Which rules may sell by themselves: trims of a limit, and the purge of the universe.

In: documents, rules, the vocabulary. Out: M377 for a rule that says `trim` and could not say how
much to sell, and for one that a gap in the data could answer. What a missing fact can decide must
never sell: a rule that speaks of absence (`has`, `default`) is refused, through definitions too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.facts import SIZE_FACTS
from engine.expr.nodes import Call, Fact, walk
from engine.expr.vocabulary import FactScope
from engine.kinds.risk_limit.document import RiskLimitDocument
from engine.kinds.rule import RuleRole
from engine.kinds.universe_filter.document import UniverseFilterDocument
from engine.policyset.sizing_rules import sells_towards

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.expr.nodes import Node
    from engine.expr.vocabulary import Vocabulary
    from engine.kinds.base import Document
    from engine.kinds.rule import Rule

_ABSENCE = frozenset({"has", "default"})
_OF_ANY_SELL = SIZE_FACTS | {"order.side", "order.intent"}
_REGIME = "regime.name"


def check_upkeep(
    documents: Iterable[Document], rules: Sequence[Rule], vocabulary: Vocabulary
) -> Iterator[Diagnostic]:
    """Every rule that would sell and must not."""
    for document in documents:
        match document.content:
            case RiskLimitDocument(spec=spec) if spec.trim is not None:
                yield from _check_trim(document, rules, vocabulary)
            case UniverseFilterDocument(spec=spec) if spec.purge is not None:
                stays = [rule.tree for rule in rules if rule.role is RuleRole.TIER_STAY]
                yield from _check_absence(document, "purge", stays, rules, vocabulary)
            case _:
                pass


def _check_trim(
    document: Document, rules: Sequence[Rule], vocabulary: Vocabulary
) -> Iterator[Diagnostic]:
    place = document.places.of(("spec", "trim"))
    for rule in (rule for rule in rules if rule.document == document.id):
        others = sorted(
            name
            for name in vocabulary.base_facts(rule.tree) - _OF_ANY_SELL
            if (spec := vocabulary.spec(name)) is not None and spec.scope is FactScope.ORDER
        )
        if others:
            message = f"`{others[0]}` is known of an order, and a holding is none"
            yield Diagnostic("M377", message, place, "trim by what is held, such as position.pct")
        elif not sells_towards(rule.tree, vocabulary):
            message = f"`{rule.text}` is not shown to be met by selling"
            mend = "compare what shrinks with a sale, such as `position.pct_after <= params.max`"
            yield Diagnostic("M377", message, place, mend)
        yield from _check_absence(document, "trim", [rule.tree], rules, vocabulary)


def _check_absence(
    document: Document,
    part: str,
    trees: Sequence[Node],
    rules: Sequence[Rule],
    vocabulary: Vocabulary,
) -> Iterator[Diagnostic]:
    names = {name for tree in trees for name in vocabulary.base_facts(tree)}
    regimes = [r.tree for r in rules if r.role is RuleRole.REGIME] if _REGIME in names else []
    if any(_speaks_of_absence(tree, vocabulary) for tree in (*trees, *regimes)):
        place = document.places.of(("spec", part))
        message = "`has` or `default` lets a missing fact decide, and this rule sells"
        yield Diagnostic("M377", message, place, "leave it undecided: a gap in the data waits")


def _speaks_of_absence(tree: Node, vocabulary: Vocabulary) -> bool:
    for node in walk(tree):
        if isinstance(node, Call) and node.function in _ABSENCE:
            return True
        definition = vocabulary.definition_tree(node.name) if isinstance(node, Fact) else None
        if definition is not None and _speaks_of_absence(definition, vocabulary):
            return True
    return False
