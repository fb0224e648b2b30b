"""Cases: each test with every combination of its matrix and every row of its table.

In: test files and a policy set. Out: `Case` values, complete: facts by cycle, the order, what is
expected, each part with its place. A part that is nearer to the case goes before one that is
further: facts of the file before those that it begins with, the test's before the file's, and so
on. Refuses what the set does not know, and series that end in different cycles.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product as combinations
from math import prod
from typing import TYPE_CHECKING

from engine.checks.document import Expectation, OrderPart
from engine.checks.stating import Track, base_name, track_of
from engine.errors import Diagnostic
from engine.expr.checking.suggest import nearest
from engine.model.orders import Mode
from engine.model.symbols import Symbol
from engine.policyset.reading.scalars import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.checks.document import Case as Row
    from engine.checks.document import (
        Given,
        PolicyFactsSpec,
        PolicyTest,
        PolicyTestsSpec,
        ProductPart,
    )
    from engine.checks.reading import Basis, Suite
    from engine.checks.stating import Placing
    from engine.errors import Place, Snippet
    from engine.kinds.base import Path, Places, Plain
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

MAX_CASES = 5000


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact's values, and where they are stated."""

    track: Track
    place: Place


@dataclass(frozen=True, slots=True)
class Expected:
    """What must hold after one cycle, counted from 0; each part with its place."""

    cycle: int
    wanted: Expectation
    places: Mapping[str, tuple[Places, Path]]

    def place(self, part: str, *below: str | int) -> Place:
        """Where a part of the expectation stands."""
        there, path = self.places[part]
        return there.of((*path, part, *below))


@dataclass(frozen=True, slots=True)
class Case:
    """One case, ready to be played."""

    file: str
    suite: str
    name: str
    place: Place
    mode: Mode
    at: UtcTime
    every_s: int
    cycles: int
    facts: Mapping[str, Stated]
    product: ProductPart | None
    order: OrderPart | None
    order_place: Place
    symbol: Symbol | None
    tripped: tuple[str, ...]
    member_of: str | None
    expected: tuple[Expected, ...]


@dataclass(slots=True)
class _Layers:
    """What has been laid together so far; findings are shared by all copies."""

    policy_set: PolicySet
    found: list[Diagnostic]
    facts: dict[str, Stated] = field(default_factory=dict)
    order: OrderPart | None = None
    order_place: Place | None = None
    symbol: str | None = None
    told: dict[str, str] = field(default_factory=dict)

    def copy(self) -> _Layers:
        """The same, to be laid over."""
        return replace(self, facts={**self.facts}, told={})

    def state(self, stated: Mapping[str, object], there: Places, path: Path) -> None:
        """Lay facts over those that are there."""
        named: dict[str, str] = {}
        for name, value in stated.items():
            at = (*path, name)
            base = base_name(name, self.policy_set.vocabulary, there.of_key(at))
            if isinstance(base, Diagnostic):
                self.found.append(base)
                continue
            if base in named:
                message = f"{quoted(name)} is another name of {quoted(named[base])}"
                self.found.append(Diagnostic("M719", message, there.of_key(at), "state it once"))
            named[base] = name
            self._track(base, name, value, partial(_part_of, there, at))

    def _track(self, base: str, name: str, value: object, place: Placing) -> None:
        spec = self.policy_set.vocabulary.spec(base)
        # INVARIANT: `base_name` answers with names of the vocabulary.
        if spec is None:
            raise KeyError(base)
        track = track_of(_plain(value), spec, place)
        if isinstance(track, Diagnostic):
            self.found.append(track)
            return
        self.facts[base] = Stated(track, place())
        self.told[name] = track.told

    def lay(self, part: Given, there: Places, path: Path) -> None:
        """Lay the facts and the order of one part over what is there."""
        self.state(part.facts, there, (*path, "facts"))
        self.propose(part.order, there.of((*path, "order")))

    def propose(self, order: OrderPart | str | None, place: Place) -> None:
        """Lay an order over the one that is there, or take it away."""
        if isinstance(order, str):
            self.order = None
        elif order is not None:
            self.order = order if self.order is None else _over(self.order, order)
            self.symbol = order.symbol or self.symbol
        if order is not None:
            self.order_place = place


def _part_of(there: Places, path: Path, *below: int) -> Place:
    """Where a value stands, or one of its elements."""
    return there.of((*path, *below))


def _plain(value: object) -> Plain:
    """A value of a document, which shape has held to scalars and lists of them."""
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value  # type: ignore[return-value]  # see above


def _over(lower: OrderPart, upper: OrderPart) -> OrderPart:
    said = {name: getattr(upper, name) for name in upper.model_fields_set}
    # A size is a quantity or a value: whoever says the one takes back the other.
    for one, other in (("quantity", "notional_usd"), ("notional_usd", "quantity")):
        if one in said and other not in said:
            said[other] = None
    return lower.model_copy(update=said)


def cases_of(
    suite: Suite, bases: Mapping[str, Basis], policy_set: PolicySet
) -> tuple[tuple[Case, ...], tuple[Diagnostic, ...]]:
    """Every case of one file, and what is wrong with it."""
    found: list[Diagnostic] = []
    layers = _Layers(policy_set, found)
    spec = suite.document.spec
    basis = _basis(suite, bases, found)
    if basis is not None:
        layers.state(basis.document.spec.facts, basis.places, ("spec", "facts"))
        layers.propose(basis.document.spec.order, basis.places.of(("spec", "order")))
    layers.state(spec.facts, suite.places, ("spec", "facts"))
    layers.propose(spec.order, suite.places.of(("spec", "order")))
    flawed = bool(found)
    found += _repeated(suite)
    cases: list[Case] = []
    for index, test in enumerate(spec.tests):
        maker = _Maker(suite, basis, test, ("spec", "tests", index))
        cases += maker.cases(layers.copy())
    return () if flawed else tuple(cases), tuple(dict.fromkeys(found))


def _basis(suite: Suite, bases: Mapping[str, Basis], found: list[Diagnostic]) -> Basis | None:
    name = suite.document.spec.given
    if name is None or name in bases:
        return None if name is None else bases[name]
    near = nearest(name, bases)
    mend = f"did you mean `{near}`?" if near else "write a file of `kind: PolicyFacts` beside it"
    place = suite.places.of(("spec", "given"))
    found.append(Diagnostic("M723", f"no file of facts is called {quoted(name)}", place, mend))
    return None


def _repeated(suite: Suite) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for index, test in enumerate(suite.document.spec.tests):
        other = first.setdefault(test.name, index)
        if other != index:
            place = suite.places.of(("spec", "tests", index, "name"))
            related = ((suite.places.of(("spec", "tests", other, "name")), "the first"),)
            message = f"two tests are called {quoted(test.name)}"
            yield Diagnostic("M719", message, place, "say what is different", related)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the cases of one test."""

    suite: Suite
    basis: Basis | None
    test: PolicyTest
    path: Path

    def cases(self, layers: _Layers) -> Iterator[Case]:
        """Every combination with every row."""
        test, there = self.test, self.suite.places
        before = len(layers.found)
        layers.lay(test, there, self.path)
        flawed = len(layers.found) > before
        rows = max(1, len(test.cases))
        if prod(len(each) for each in test.matrix.values()) * rows > MAX_CASES:
            place = there.of_key((*self.path, "matrix"))
            message = f"more than {MAX_CASES} cases in one test"
            layers.found.append(Diagnostic("M722", message, place, "split the matrix"))
            return
        for chosen in combinations(*(range(len(each)) for each in test.matrix.values())):
            picked = dict(zip(test.matrix, chosen, strict=True))
            for index in range(rows):
                case = self._case(layers.copy(), picked, index)
                # What is wrong with the test is wrong with each of its cases.
                if case is not None and not flawed:
                    yield case

    def _case(self, layers: _Layers, chosen: Mapping[str, int], index: int) -> Case | None:
        test, there = self.test, self.suite.places
        before = len(layers.found)
        for name, at in chosen.items():
            path = (*self.path, "matrix", name)
            layers.state({name: test.matrix[name][at]}, _Element(there, path, at), path)
        row = test.cases[index] if test.cases else None
        path = (*self.path, "cases", index) if row else self.path
        if row is not None:
            layers.lay(row, there, path)
        cycles = _cycles(layers.facts, layers.found)
        start = next((each.at for each in self._parts() if each.at is not None), None)
        every = next((each.every for each in self._parts() if each.every is not None), None)
        if start is None:
            example = '`at: "2025-11-24T10:00:00Z"`'
            layers.found.append(self._unsaid("the time of its first cycle", example))
        if every is None and cycles > 1:
            layers.found.append(self._unsaid("the time between its cycles", "`every: 30s`"))
        if len(layers.found) > before or start is None:
            return None
        return Case(
            file=self.suite.file,
            suite=self.suite.document.metadata.name,
            name=_name(test.name, row, layers.told),
            place=there.of((*path, "name") if row is None or row.name else path),
            mode=self._mode(layers.policy_set),
            at=start,
            every_s=every or 0,
            cycles=cycles,
            facts=layers.facts,
            product=next((e.product for e in self._parts() if e.product is not None), None),
            order=layers.order,
            order_place=layers.order_place or there.of(path),
            symbol=None if layers.symbol is None else Symbol.parse(layers.symbol),
            tripped=test.tripped,
            member_of=test.member_of,
            expected=self._expected(row, path, cycles),
        )

    def _mode(self, policy_set: PolicySet) -> Mode:
        return Mode(self.test.mode or policy_set.deployment.mode)

    def _parts(self) -> tuple[PolicyTest | PolicyTestsSpec | PolicyFactsSpec, ...]:
        """The test, its file, and the facts that it begins with: the nearest decides."""
        own = (self.test, self.suite.document.spec)
        return own if self.basis is None else (*own, self.basis.document.spec)

    def _unsaid(self, what: str, example: str) -> Diagnostic:
        place = self.suite.places.of((*self.path, "name"))
        return Diagnostic("M717", f"this test does not say {what}", place, f"write {example}")

    def _expected(self, row: Row | None, path: Path, cycles: int) -> tuple[Expected, ...]:
        there = self.suite.places
        last = _merged(
            [
                (self.test.expect, there, (*self.path, "expect")),
                (row.expect if row else None, there, (*path, "expect")),
            ],
            cycles - 1,
        )
        earlier = [
            _merged(
                [(each.expect, there, (*self.path, "checkpoints", n, "expect"))], each.cycle - 1
            )
            for n, each in enumerate(self.test.checkpoints)
        ]
        return (*earlier, last)


def _merged(parts: Sequence[tuple[Expectation | None, Places, Path]], cycle: int) -> Expected:
    wanted = Expectation()
    places: dict[str, tuple[Places, Path]] = {}
    for part, there, path in parts:
        if part is not None:
            said = {name: getattr(part, name) for name in part.model_fields_set}
            wanted = wanted.model_copy(update=said)
            places |= dict.fromkeys(said, (there, path))
    return Expected(cycle, wanted, places)


@dataclass(frozen=True, slots=True)
class _Element:
    """Places of one element of a matrix's list, which stands where its fact's value would."""

    there: Places
    path: Path
    at: int

    def of(self, path: Path) -> Place:
        """The element's place."""
        del path
        return self.there.of((*self.path, self.at))

    def of_key(self, path: Path) -> Place:
        """The place of the fact's name."""
        del path
        return self.there.of_key(self.path)

    def snippet(self, path: Path) -> Snippet:
        """The element's text."""
        del path
        return self.there.snippet((*self.path, self.at))


def _name(test: str, row: Row | None, told: Mapping[str, str]) -> str:
    """The test's name, with the row's, or with what the case alone states."""
    if row is not None and row.name is not None:
        return f"{test}: {row.name}"
    words = ", ".join(f"{name}={value}" for name, value in told.items())
    return f"{test} [{words}]" if words else test


def _cycles(facts: Mapping[str, Stated], found: list[Diagnostic]) -> int:
    """How many cycles there are: as many as the series have, which must agree."""
    moving = [each for each in facts.values() if not each.track.constant]
    if not moving:
        return 1
    longest = max(moving, key=lambda each: len(each.track.values))
    cycles = max(1, len(longest.track.values))
    for each in moving:
        short = len(each.track.values) < cycles and not each.track.over
        if short:
            count = len(each.track.values)
            message = f"this series tells of {count} cycles, and another of {cycles}"
            related = ((longest.place, "the other one"),)
            mend = "tell every cycle; `stale` at its end is without a value from there on"
            found.append(Diagnostic("M715", message, each.place, mend, related))
    return cycles
