"""How long a set still holds back entries: composed of its limits that wait for an age.

In: the set's documents. Out: the definition of `pace.cooldown_remaining_s`: the longest wait
that is left of any enforced limit on new entries which says, alone or beside other things,
`pace.…_age_s >= params.…`; 0 where a set has none. A later rung of an entry is not a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expr.grammar import parse
from engine.expr.nodes import And, Arithmetic, Call, Compare, Fact, Number, Or
from engine.expr.printing import print_tree
from engine.expr.vocabulary import FactScope
from engine.kinds import parameters
from engine.kinds.base import content_of
from engine.kinds.lowering import ALL_MODES, modes_of
from engine.kinds.risk_limit.document import RiskLimitDocument
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.expr.nodes import Node
    from engine.expr.vocabulary import Vocabulary
    from engine.kinds.base import Document

_REQUIRE = ("spec", "require")
_AT_HAND = frozenset({FactScope.SYMBOL, FactScope.ACCOUNT, FactScope.VENUE})


def remaining(documents: Iterable[Document], vocabulary: Vocabulary) -> str:
    """The definition, as text; `vocabulary` is the set's, with its parameters."""
    limits = sorted(
        (each for each in documents if each.kind == RiskLimitDocument.KIND),
        key=lambda each: each.id,
    )
    waits = [wait for each in limits for wait in _waits(each)]
    known = [wait for wait in waits if _at_hand(wait, vocabulary)]
    nothing = Number(ZERO)
    return print_tree(Call("max", (nothing, *known)) if known else nothing)


def _waits(document: Document) -> Iterator[Node]:
    """What is left of each wait that the limit asks for, in seconds; negative when it is over."""
    spec = content_of(document, RiskLimitDocument).spec
    # A limit that counts in some modes only would have to know the mode: it is not told here.
    everywhere = modes_of(spec.modes) == ALL_MODES
    if spec.require is None or spec.stage != "enforce" or not everywhere:
        return
    if "entry" not in spec.intents:
        return
    tree = parse(document.places.snippet(_REQUIRE)).tree
    for part in tree.operands if isinstance(tree, And) else (tree,):
        wait = _wait(part)
        if wait is not None:
            yield parameters.bind(wait, parameters.scope_of(document))


def _wait(part: Node | None) -> Node | None:
    match part:
        case Or((first, Fact("order.continues"))):
            return _wait(first)
        case Compare((Fact(age), Fact(least)), (">=",)) if _is_age(age) and _is_number(least):
            return Arithmetic("-", Fact(least), Fact(age))
        case _:
            return None


def _is_age(name: str) -> bool:
    return name.startswith("pace.") and name.endswith("_age_s")


def _is_number(name: str) -> bool:
    return name.startswith("params.")


def _at_hand(wait: Node, vocabulary: Vocabulary) -> bool:
    """Whether a product alone tells all that it depends on: no order and no group."""
    specs = (vocabulary.spec(name) for name in vocabulary.base_facts(wait))
    return all(spec is not None and spec.scope in _AT_HAND for spec in specs)
