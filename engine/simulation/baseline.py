"""A baseline: the figures of an earlier simulation, and how far these may be from them.

In: the JSON that `policy simulate --json` wrote, and tolerances by figure. Out: `Drift`s beyond
their tolerance. Refuses (M802) what is no such JSON, an empty one above all: a comparison with
nothing would always hold; (M803) another recording or other terms; (M804) unknown figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import orjson

from engine.errors import Diagnostic, MandateError, Place
from engine.simulation.body import FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.ledger.bodies import Body, Json

_PCT = 100
_CLOSEST = 5
_SAME = ("recording", "terms", "mode")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a figure may move: by `within`, or by so many per cent of what it was."""

    figure: str
    within: float
    relative: bool

    def allows(self, before: float, now: float) -> bool:
        """Whether this is near enough."""
        most = abs(before) * self.within / _PCT if self.relative else self.within
        return abs(now - before) <= most

    @property
    def words(self) -> str:
        """As it was typed."""
        return f"{self.within:g}{'%' if self.relative else ''}"


@dataclass(frozen=True, slots=True)
class Drift:
    """A figure that is further from the baseline than it may be."""

    figure: str
    before: float | None
    now: float | None
    tolerance: Tolerance

    def finding(self, file: str) -> Diagnostic:
        """What moved, and how far it might (M805)."""
        told = f"`{self.figure}` is {_shown(self.now)}, was {_shown(self.before)}"
        message = f"{told}; it may be off by {self.tolerance.words}"
        allow = f"`--tolerance {self.figure}=N%`"
        mend = f"write the baseline anew if this is meant, or allow it: {allow}"
        return Diagnostic("M805", message, Place(file, 1, 1), mend)


def tolerances_of(texts: Sequence[str]) -> tuple[Tolerance, ...]:
    """Read `result=1%` and `trades=2`; raises MandateError (M804)."""
    return tuple(_tolerance(each) for each in texts)


def _tolerance(text: str) -> Tolerance:
    figure, _, amount = text.partition("=")
    relative = amount.endswith("%")
    try:
        within = float(amount.removesuffix("%"))
    except ValueError:
        within = -1.0
    if not figure or not 0 <= within < float("inf"):
        message = f"`{text}` is no tolerance"
        raise MandateError([Diagnostic("M804", message, None, "write `result=1%` or `trades=2`")])
    return Tolerance(figure, within, relative)


def drifts(file: str, data: bytes, now: Body, tolerances: Sequence[Tolerance]) -> tuple[Drift, ...]:
    """Every figure beyond its tolerance; one that nobody named must be equal.

    `now` is the body of this simulation. Raises MandateError (M802-M804).
    """
    before = _read(file, data)
    different = [name for name in _SAME if before.get(name) != now[name]]
    if different:
        message = f"the baseline is of {_listed(different)} that differ from this simulation's"
        mend = "write it anew with the same recording and options: `--json FILE`"
        raise MandateError([Diagnostic("M803", message, Place(file, 1, 1), mend)])
    old, new = flat(before), flat(now)
    given = _named({*old, *new}, tolerances)
    found = (
        _drift(name, old.get(name), new.get(name), given.get(name, _exact(name)))
        for name in sorted({*old, *new})
    )
    return tuple(each for each in found if each is not None)


def flat(body: Mapping[str, Json]) -> dict[str, float]:
    """The figures of a body by name: its own, and the denials by what refused."""
    found: dict[str, float] = {}
    figures, denials = body["figures"], body["denials"]
    if isinstance(figures, dict):
        for name, value in figures.items():
            number = _number(value)
            if number is not None:
                found[name] = number
    for each in denials if isinstance(denials, list) else ():
        if isinstance(each, dict):
            found[f"denied_by.{each['by']}"] = _number(each["orders"]) or 0.0
    return found


def _number(value: Json) -> float | None:
    if isinstance(value, bool | dict | list) or value is None:
        return None
    return float(value)


def _read(file: str, data: bytes) -> Mapping[str, Json]:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not _decided(found):
        what = "empty" if not data.strip() or found == {} else "not the JSON of a simulation"
        message = f"the baseline is {what}"
        mend = "write one: `policy simulate … --json FILE`; nothing can be compared with nothing"
        raise MandateError([Diagnostic("M802", message, Place(file, 1, 1), mend)])
    return found


def _decided(found: Mapping[str, Json]) -> bool:
    return bool(found.get("cycles")) and bool(found.get("figures")) and "denials" in found


def _named(known: set[str], tolerances: Sequence[Tolerance]) -> dict[str, Tolerance]:
    strange = [each.figure for each in tolerances if each.figure not in known]
    if strange:
        raise MandateError([*_unknown(strange, known)])
    return {each.figure: each for each in tolerances}


def _unknown(strange: Sequence[str], known: set[str]) -> Iterator[Diagnostic]:
    for name in strange:
        near = get_close_matches(name, sorted(known), n=_CLOSEST, cutoff=0.4) or sorted(known)
        mend = f"figures are: {', '.join(f'`{each}`' for each in near[:_CLOSEST])}"
        yield Diagnostic("M804", f"no figure is called `{name}`", None, mend)


def _drift(
    name: str, before: float | None, now: float | None, tolerance: Tolerance
) -> Drift | None:
    # A rule that refused nothing is not among the denials: that is a count of 0.
    counted = name.startswith("denied_by.")
    was, here = (0.0 if each is None and counted else each for each in (before, now))
    if was is None or here is None:
        return None if was is here else Drift(name, was, here, tolerance)
    return None if tolerance.allows(was, here) else Drift(name, was, here, tolerance)


def _exact(name: str) -> Tolerance:
    return Tolerance(name, within=0.0, relative=False)


def _shown(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.10g}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)
