"""What a Waiver adds: two facts, and other parameters in the rule that it waives while active."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Fix
from engine.expr.checking.suggest import nearest, sure
from engine.expr.nodes import Conditional, Fact
from engine.expr.units import Unit
from engine.expr.vocabulary import FactScope, FactSpec, FactType
from engine.kinds import parameters
from engine.kinds.base import content_of
from engine.kinds.lowering import Meaning
from engine.kinds.waiver.document import WaiverDocument

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from engine.expr.nodes import Node
    from engine.kinds.base import Document, Table


def declare_facts(document: Document) -> tuple[FactSpec, ...]:
    """Whether it is in force (for the symbol, where it names symbols), and for how long."""
    spec = content_of(document, WaiverDocument).spec
    reach = FactScope.SYMBOL if spec.scope.symbols else FactScope.ACCOUNT
    name = document.name
    return (
        FactSpec(
            f"waiver.{name}.active",
            FactType.FLAG,
            None,
            reach,
            "cycle.facts.rules",
            f"whether the waiver `{name}` is in force",
        ),
        FactSpec(
            f"waiver.{name}.left_h",
            FactType.NUMBER,
            Unit.H,
            FactScope.ACCOUNT,
            "cycle.facts.rules",
            f"hours until the waiver `{name}` ends; 0 when it has",
            low=0,
        ),
    )


def waived(definition: Node, parameter: str, waivers: Sequence[Document]) -> Node:
    """A parameter's definition as the waivers of its rule leave it; the last one asks first."""
    for document in waivers:
        spec = content_of(document, WaiverDocument).spec
        instead = spec.instead.params.get(parameter)
        if instead is not None:
            active = Fact(f"waiver.{document.name}.active")
            definition = Conditional(active, parameters.definition_of(instead), definition)
    return definition


def check_target(
    document: Document, rules: Mapping[str, Mapping[str, Decimal | Table]]
) -> tuple[Diagnostic, ...]:
    """A waiver names a rule that exists, and parameters that it has."""
    spec = content_of(document, WaiverDocument).spec
    known = rules.get(spec.rule)
    if known is None:
        place = document.places.of(("spec", "rule"))
        near = nearest(spec.rule, rules)
        mend = f"did you mean `{near}`?" if near else "name it as Kind/name or Kind/name#part"
        meant = sure(spec.rule, rules)
        fix = Fix(place, meant, safe=True) if meant else None
        return (Diagnostic("M337", f"no rule `{spec.rule}` to waive", place, mend, fix=fix),)
    found = []
    for name in spec.instead.params:
        if name not in known:
            place = document.places.of_key(("spec", "instead", "params", name))
            mend = f"it has: {', '.join(sorted(known)) or 'none'}"
            message = f"`{spec.rule}` has no parameter `{name}`"
            meant = sure(name, known)
            fix = Fix(place, meant, safe=True) if meant else None
            found.append(Diagnostic("M338", message, place, mend, fix=fix))
    return tuple(found)


MEANING = Meaning(declare=declare_facts)
