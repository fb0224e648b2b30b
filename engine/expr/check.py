"""Is an expression meaningful where it stands: facts, types, units, values, scope, modes, sense.

In: a tree and the snippet that it was read from, the vocabulary of its set, and what is expected
there. Out: findings, all at once. An expression without an error has one type and unit, and every
fact in it exists wherever the rule is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Severity, Snippet
from engine.expr.checking.findings import Findings, told
from engine.expr.checking.inference import Inference
from engine.expr.checking.lints import Lints
from engine.expr.checking.suggest import conversion
from engine.expr.checking.typed import TypedUnit
from engine.expr.nodes import Call, Fact, walk
from engine.expr.vocabulary import ALL_MODES, FactScope, FactType

if TYPE_CHECKING:
    from engine.errors import Diagnostic
    from engine.expr.nodes import Node
    from engine.expr.units import Unit
    from engine.expr.vocabulary import FactSpec, Vocabulary
    from engine.model.orders import Mode

ALL_SCOPES = frozenset(FactScope)
_MENDS = {
    FactType.FLAG: "compare it, such as `quote.age_s <= params.max_age_s`",
    None: "ask a set of texts with `in`",
}
_AT_HAND = {
    FactScope.ORDER: "one order",
    FactScope.SYMBOL: "one symbol",
    FactScope.GROUP: "one group",
    FactScope.STRATEGY: "one strategy",
    FactScope.ACCOUNT: "the account",
    FactScope.VENUE: "the venue",
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is wanted of an expression where it stands.

    `type` None: anything but a set of texts. `unit` None: any. `scopes` are at hand there,
    `modes` are those in which it is asked. `rule` says that it is a question put to the facts,
    so that it must be able to vary and its thresholds are looked at; a definition or a plain
    number is no rule.
    """

    type: FactType | None = FactType.FLAG
    unit: Unit | None = None
    scopes: frozenset[FactScope] = ALL_SCOPES
    modes: frozenset[Mode] = ALL_MODES
    rule: bool = True


def check(
    tree: Node, snippet: Snippet, vocabulary: Vocabulary, *, expect: Expectation
) -> tuple[Diagnostic, ...]:
    """Every finding about an expression, in the order of the text."""
    findings = Findings(snippet)
    inference = Inference(vocabulary, findings)
    _whole(findings, tree, inference.of(tree), expect)
    excused = _excused(tree)
    for node in walk(tree):
        spec = vocabulary.spec(node.name) if isinstance(node, Fact) else None
        if spec is not None:
            _at_hand(findings, node, spec, expect)
            if id(node) not in excused:
                _in_modes(findings, node, spec, expect)
    if expect.rule and not _has_errors(findings):
        lints = Lints(vocabulary, findings, inference)
        lints.constant(tree)
        lints.thresholds(tree)
    return tuple(sorted(dict.fromkeys(findings.found), key=_by_place))


def type_of(tree: Node, vocabulary: Vocabulary) -> TypedUnit:
    """The type and unit of a tree; `known` is false where it has an error."""
    findings = Findings(Snippet.of(""))
    found = Inference(vocabulary, findings).of(tree)
    return TypedUnit(None) if findings.found else found


def _whole(findings: Findings, tree: Node, found: TypedUnit, expect: Expectation) -> None:
    if not found.known:
        return
    wanted = TypedUnit(expect.type, expect.unit)
    if not _fits(found, wanted):
        said = f"this must be {wanted.words}, and {told(tree)} is {found.words}"
        findings.error("M223", tree, said, _MENDS.get(expect.type, "use a fact of that type"))
    elif expect.unit is not None and not found.may_be(expect.unit):
        have = found.unit.value if found.unit else "no unit"
        said = f"this must be in {expect.unit.value}, and {told(tree)} is in {have}"
        findings.error("M221", tree, said, conversion((tree, wanted), (tree, found)))


def _fits(found: TypedUnit, wanted: TypedUnit) -> bool:
    if not wanted.known:
        return found.type is not FactType.TEXT_SET
    return found.type is wanted.type or (found.wordy and wanted.wordy)


def _excused(tree: Node) -> frozenset[int]:
    """The facts, by identity, whose absence the expression itself speaks of."""
    calls = (node for node in walk(tree) if isinstance(node, Call))
    return frozenset(id(call.arguments[0]) for call in calls if call.function in {"has", "default"})


def _at_hand(findings: Findings, node: Node, spec: FactSpec, expect: Expectation) -> None:
    if spec.scope not in expect.scopes:
        wanted = _AT_HAND[spec.scope]
        said = f"{told(node)} speaks of {wanted}, and none is at hand here"
        hands = ", ".join(_AT_HAND[each] for each in FactScope if each in expect.scopes)
        findings.error("M228", node, said, f"at hand here: {hands}")


def _in_modes(findings: Findings, node: Node, spec: FactSpec, expect: Expectation) -> None:
    missing = sorted(mode.value for mode in expect.modes - spec.modes)
    if missing:
        said = f"{told(node)} does not exist in mode {' or '.join(missing)}"
        modes = ", ".join(sorted(mode.value for mode in spec.modes & expect.modes))
        mend = f"say `modes: [{modes}]`" if modes else "leave it out here, or ask with `default`"
        findings.error("M229", node, said, mend)


def _has_errors(findings: Findings) -> bool:
    return any(each.severity is Severity.ERROR for each in findings.found)


def _by_place(finding: Diagnostic) -> tuple[int, int, str]:
    assert finding.place is not None  # noqa: S101 - the findings of a snippet are always placed
    return finding.place.line, finding.place.column, finding.code
