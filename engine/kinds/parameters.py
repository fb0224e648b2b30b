"""Parameters: the numbers that rules use, as facts of the set that a waiver can see through.

In: a document's `params`. Out: one derived fact `policy.DOCUMENT.NAME` a parameter (its
definition is the number, or a table unrolled into conditionals), and trees in which `params.NAME`
has become that fact. Refuses tables over what is no enum, cases that are missing or unknown,
and groups that the universe does not have.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Fix
from engine.expr.checking.suggest import sure
from engine.expr.nodes import Compare, Conditional, Fact, Node, Number, Text
from engine.expr.printing import print_tree
from engine.expr.rewriting import map_facts
from engine.expr.units import unit_of_name
from engine.expr.vocabulary import FactScope, FactSpec, FactType
from engine.kinds.base import Table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

    from engine.expr.vocabulary import Vocabulary
    from engine.kinds.base import Document, Path

OTHERS = "others"
GROUP_FACT = "group.name"
_PER = {"group": (GROUP_FACT, FactScope.GROUP), "asset": ("order.base", FactScope.ORDER)}
"""What a table `per:` something looks at, and what must be at hand for it."""


@dataclass(frozen=True, slots=True)
class ParameterScope:
    """Where parameters live: the document, the path of its `params`, and the facts' prefix.

    A kind with one `params` has the prefix `policy.NAME`; a part with its own (a tier) adds its
    name, `policy.NAME.PART`.
    """

    document: Document
    path: Path
    prefix: str

    def fact(self, name: str) -> str:
        """The set-wide name of a parameter."""
        return f"{self.prefix}.{name}"


@dataclass(frozen=True, slots=True)
class Block:
    """The parameters of a document or of one of its parts; `rule` is what a waiver names."""

    rule: str
    scope: ParameterScope
    params: Mapping[str, Decimal | Table]


def scope_of(document: Document, path: Path = ("spec", "params"), part: str = "") -> ParameterScope:
    """The scope of a document's parameters, or of one part's."""
    prefix = f"policy.{document.name}" + (f".{part}" if part else "")
    return ParameterScope(document, path, prefix)


def check_tables(
    block: Block, groups: Collection[str], vocabulary: Vocabulary
) -> tuple[Diagnostic, ...]:
    """What is wrong with the tables among a block's parameters."""
    return tuple(
        finding
        for name, value in block.params.items()
        if isinstance(value, Table)
        for finding in _check_table(block.scope, name, value, groups, vocabulary)
    )


def parameter_fact(name: str, definition: Node, reach: FactScope) -> FactSpec:
    """A parameter as a derived fact; its unit is what its name's suffix announces."""
    return FactSpec(
        name=name,
        type=FactType.NUMBER,
        unit=unit_of_name(name),
        scope=reach,
        producer="",
        sentence="a number of the policy set",
        definition=print_tree(definition),
    )


def reach_of(value: Decimal | Table) -> FactScope:
    """What must be at hand for the parameter to have a value."""
    if isinstance(value, Table) and value.head == "per":
        return _PER[value.over][1]
    return FactScope.ACCOUNT


def definition_of(value: Decimal | Table) -> Node:
    """The parameter's value as a tree; a table becomes conditionals, its last case the else."""
    if not isinstance(value, Table):
        return Number(value)
    fact = Fact(_PER[value.over][0] if value.head == "per" else value.over)
    # Sorted: the order of a table's keys is layout, and must not reach the set's hash.
    cases = [(key, case) for key, case in sorted(value.cases.items()) if key != OTHERS]
    rest: Node = Number(value.cases[OTHERS]) if OTHERS in value.cases else Number(cases.pop()[1])
    for key, case in reversed(cases):
        rest = Conditional(Compare((fact, Text(key)), ("==",)), Number(case), rest)
    return rest


def bind(tree: Node, scope: ParameterScope, *around: Block) -> Node:
    """The tree with each `params.NAME` named as the set-wide fact that it is.

    A name is that of a block `around` where one has it, else of the scope itself.
    """

    def become(fact: Fact) -> Node:
        head, _, rest = fact.name.partition(".")
        home = next((each.scope for each in around if rest in each.params), scope)
        return replace(fact, name=home.fact(rest)) if head == "params" else fact

    return map_facts(tree, become)


def local_facts(block: Block, vocabulary: Vocabulary) -> list[FactSpec]:
    """`params.NAME` as facts, for checking an expression as its author wrote it."""
    found = []
    for name in block.params:
        known = vocabulary.spec(block.scope.fact(name))
        if known is not None:
            definition = print_tree(Fact(known.name))
            found.append(replace(known, name=f"params.{name}", definition=definition))
    return found


def _check_table(
    scope: ParameterScope,
    name: str,
    table: Table,
    groups: Collection[str],
    vocabulary: Vocabulary,
) -> list[Diagnostic]:
    path = (*scope.path, name)
    if (table.head, table.over) == ("per", "asset"):
        # Any asset may be named: a table says nothing about which of them exist.
        return _check_cases(scope, path, table, sorted({*table.cases} - {OTHERS}), open_ended=True)
    if table.head == "per":
        return _check_cases(scope, path, table, sorted(groups), open_ended=True)
    spec = vocabulary.spec(table.over)
    if spec is None or spec.type is not FactType.ENUM:
        place = scope.document.places.of((*path, "by"))
        message = f"`{table.over}` is not a fact with a closed list of values"
        return [
            Diagnostic("M331", message, place, "a table is `by:` an enum, such as `regime.name`")
        ]
    return _check_cases(scope, path, table, list(spec.values), open_ended=False)


def _check_cases(
    scope: ParameterScope, path: Path, table: Table, allowed: list[str], *, open_ended: bool
) -> list[Diagnostic]:
    places = scope.document.places
    found: list[Diagnostic] = []
    for case in table.cases:
        if case not in allowed and not (open_ended and case == OTHERS):
            near = difflib.get_close_matches(case, allowed, n=1)
            hint = f"did you mean `{near[0]}`? " if near else ""
            message = f"`{case}` is not a value of `{table.over}`"
            place = places.of_key((*path, case))
            meant = sure(case, (each for each in allowed if each not in table.cases))
            fix = Fix(place, meant, safe=True) if meant else None
            mend = f"{hint}it has: {', '.join(allowed)}"
            found.append(Diagnostic("M332", message, place, mend, fix=fix))
    wanted = [OTHERS] if open_ended else allowed
    missing = [case for case in wanted if case not in table.cases]
    if missing:
        names = ", ".join(f"`{case}`" for case in missing)
        message = f"the table says nothing for {names}"
        mend = "give every case a value: a missing one would leave the limit undecided"
        found.append(Diagnostic("M333", message, places.of(path), mend))
    return found
