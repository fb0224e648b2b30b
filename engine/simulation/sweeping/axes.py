"""The axes of a sweep: which value takes which values, and every combination of them.

In: `Kind/name:path=1,2,3` as typed. Out: `Axis`, and combinations of edits. Refuses (M830) what is
no axis, an axis named twice, and (M831) more combinations than anybody could read.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_VARIANTS = 10_000
_MEND = "write `RiskLimit/max_position:params.max_position_pct=2,3,4`; `;` parts values with commas"


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """One value of a document, as it is typed."""

    document: str
    path: str
    value: str

    @property
    def words(self) -> str:
        """As the axis was typed."""
        return f"{self.document}:{self.path}={self.value}"


@dataclass(frozen=True, slots=True)
class Axis:
    """One value and what it is set to, in the order as typed."""

    document: str
    path: str
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        """`document:path`."""
        return f"{self.document}:{self.path}"

    def edits(self) -> Iterator[Edit]:
        """One edit a value."""
        return (Edit(self.document, self.path, value) for value in self.values)


def read_axes(typed: Sequence[str]) -> tuple[Axis, ...]:
    """The axes; raises MandateError with everything that is wrong with them."""
    found = [_axis(each) for each in typed]
    wrong = [each for each in found if isinstance(each, Diagnostic)]
    axes = tuple(each for each in found if isinstance(each, Axis))
    names = [axis.name for axis in axes]
    wrong += [
        _refused(f"`{name}` is an axis twice")
        for name in sorted(set(names))
        if names.count(name) > 1
    ]
    count = prod(len(axis.values) for axis in axes)
    if count > MAX_VARIANTS:
        message = f"{count} combinations: at most {MAX_VARIANTS} make one sweep"
        wrong.append(Diagnostic("M831", message, None, "take fewer values, or sweep axis by axis"))
    if wrong:
        raise MandateError(wrong)
    return axes


def combinations(axes: Sequence[Axis]) -> Iterator[tuple[Edit, ...]]:
    """Every combination, the last axis moving first; without axes the set as it is."""
    return product(*(axis.edits() for axis in axes))


def _axis(typed: str) -> Axis | Diagnostic:
    name, equals, told = typed.partition("=")
    document, colon, path = name.partition(":")
    values = tuple(each.strip() for each in told.split(";" if ";" in told else ","))
    if not (equals and colon and document and path) or "" in values:
        return _refused(f"`{typed}` is no axis")
    if len(set(values)) < len(values):
        return _refused(f"`{typed}` names a value twice")
    return Axis(document, path.removeprefix("spec."), values)


def _refused(message: str) -> Diagnostic:
    return Diagnostic("M830", message, None, _MEND)
