"""Numbers that read as if they stood in another unit than their name says.

In: a policy set. Out: M313 for a parameter or field of an unlikely size for its suffix: a `_pct`
that reads like a fraction, a `_ratio` that reads like percent, a `_bps` that reads like percent.
A number that a rule compares with a fact is held to that fact's own span already (M225, M227).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.expr.nodes import Compare, Fact, walk
from engine.kinds.base import Table
from engine.kinds.registry import KINDS
from engine.model.numbers import canonical_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Document, Path, Plain
    from engine.policyset.lint.measures import Measures


@dataclass(frozen=True, slots=True)
class _Likely:
    """Sizes, without sign, that a number with this suffix may have without a second look."""

    low: Decimal
    high: Decimal
    below: str
    above: str
    factor: Decimal


_UNITS = {
    "_pct": _Likely(
        Decimal("0.1"),
        Decimal(1000),
        "a fraction, and percent is 0 to 100",
        "basis points",
        Decimal(100),
    ),
    "_ratio": _Likely(
        Decimal("0.0001"),
        Decimal(20),
        "nothing at all",
        "percent, and a ratio of 1 is the whole",
        Decimal("0.01"),
    ),
    "_bps": _Likely(
        Decimal(1), Decimal(5000), "percent, and 1 % is 100 bps", "no distance", Decimal(100)
    ),
}


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Parameters, then the fields of documents."""
    compared = _compared(measures)
    for sealed in measures.policy_set.sealed:
        document = sealed.document
        yield from _params(document, compared)
        spec = document.plain.get("spec")
        yield from _fields(document, ("spec",), spec if isinstance(spec, dict) else {})


def _compared(measures: Measures) -> frozenset[str]:
    """The parameters that some rule compares with something, each by its set-wide name."""
    trees = (rule.tree for rule in measures.policy_set.rules)
    sides = (
        side
        for tree in trees
        for node in walk(tree)
        if isinstance(node, Compare)
        for side in node.operands
    )
    return frozenset(side.name for side in sides if isinstance(side, Fact))


def _params(document: Document, compared: frozenset[str]) -> Iterator[Diagnostic]:
    for block in KINDS[document.kind].meaning.blocks(document):
        for name, value in block.params.items():
            # What is compared with a fact is held to the fact's own span, in percent above all.
            if block.scope.fact(name) in compared and name.endswith("_pct"):
                continue
            at = (*block.scope.path, name)
            cases = value.cases.items() if isinstance(value, Table) else ((None, value),)
            for case, number in cases:
                yield from _unlikely(document, at if case is None else (*at, case), name, number)


def _fields(document: Document, path: Path, value: Plain) -> Iterator[Diagnostic]:
    match value:
        case dict():
            for key, below in value.items():
                # What an exit plan can earn and lose is weighed in money, by the strategy's lint.
                if key in {"params", "exit"}:
                    continue
                if isinstance(below, Decimal):
                    yield from _unlikely(document, (*path, key), key, below)
                else:
                    yield from _fields(document, (*path, key), below)
        case list():
            for index, below in enumerate(value):
                yield from _fields(document, (*path, index), below)
        case _:
            return


def _unlikely(document: Document, path: Path, name: str, value: Decimal) -> Iterator[Diagnostic]:
    suffix = next((each for each in _UNITS if name.endswith(each)), None)
    if suffix is None or value == 0:
        return
    likely = _UNITS[suffix]
    if likely.low <= abs(value) <= likely.high:
        return
    small = abs(value) < likely.low
    factor = likely.factor if small or suffix == "_ratio" else 1 / likely.factor
    message = (
        f"`{name}` is {canonical_number(value)}, which reads like "
        f"{likely.below if small else likely.above}"
    )
    mend = f"did you mean `{canonical_number(value * factor)}`? the name's end is the unit"
    place = document.places.of(path)
    yield Diagnostic("M313", message, place, mend, severity=Severity.WARNING)
