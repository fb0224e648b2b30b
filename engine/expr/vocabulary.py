"""The vocabulary: every fact that a rule may name, as data, with the definitions of derived ones.

In: `FactSpec` values (`engine.expr.facts` composes the built-in ones) and invariants as text.
Out: `Vocabulary`, immutable, which answers for built-in facts, for the facts that a policy set
adds, and for series calls. Refuses two facts of one name and definitions that do not parse.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.errors import MandateError, Snippet
from engine.expr.functions import SeriesArgument, SeriesCall, series_call
from engine.expr.grammar import GENERATED, parse
from engine.expr.nodes import Fact, walk
from engine.expr.printing import print_tree
from engine.expr.units import Unit
from engine.model.orders import Mode
from engine.model.times import duration_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.expr.nodes import Node

ALL_MODES = frozenset(Mode)


class FactType(Enum):
    """What kind of value a fact has."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"
    ENUM = "enum"  # one of `values`; compares like text
    TEXT_SET = "text_set"


class FactScope(Enum):
    """What must be at hand for a fact to mean anything."""

    ORDER = "order"  # one order, before it is sent
    SYMBOL = "symbol"
    GROUP = "group"
    STRATEGY = "strategy"
    ACCOUNT = "account"  # one account in one mode
    VENUE = "venue"


class Absence(Enum):
    """What it means that a fact has no value."""

    UNKNOWN = "unknown"  # it should be there and is not: undecided
    NEVER_HAPPENED = "never_happened"  # nothing to count yet: `first_value`
    SINCE_GENESIS = "since_genesis"  # nothing to date from yet: the age of the ledger
    NOT_IN_MODE = "not_in_mode"  # this mode has no such thing


PLAUSIBLE: dict[Unit, tuple[float, float]] = {
    Unit.PCT: (0.1, 10_000.0),
    Unit.RATIO: (0.0001, 10_000.0),
    Unit.BPS: (0.1, 10_000.0),
    Unit.S: (0.05, 31_536_000.0),
    Unit.MS: (1.0, 86_400_000.0),
    Unit.H: (0.01, 87_600.0),
    Unit.D: (0.01, 36_500.0),
    Unit.USD: (0.01, 1e12),
    Unit.COUNT: (1.0, 1e9),
}
"""Sizes, without sign, that a threshold in each unit may have without a second look."""


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact.

    `producer` is the dotted short name of the module that supplies it, "" for a derived fact,
    which has a `definition` instead. `low` and `high` are certain: no value lies outside, so
    proofs may assume them and a snapshot that breaks them is not believed. `threshold` is the
    span of sizes (without sign) that a threshold on this fact may plausibly have; None: by unit.
    `window_s` is the market history that it needs, `gap_s` the longest hole tolerated in it.
    """

    name: str
    type: FactType
    unit: Unit | None
    scope: FactScope
    producer: str
    sentence: str
    modes: frozenset[Mode] = ALL_MODES
    absence: Absence = Absence.UNKNOWN
    first_value: float | str | bool | None = None
    window_s: int | None = None
    gap_s: int | None = None
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    threshold: tuple[float, float] | None = None
    definition: str | None = None

    @property
    def derived(self) -> bool:
        """Whether other facts define it."""
        return self.definition is not None

    @property
    def whole(self) -> bool:
        """Whether it counts: it is never between two whole numbers, and proofs may assume that."""
        return self.unit is Unit.COUNT and not self.derived

    def can_be(self, value: float) -> bool:
        """Whether it may have this value."""
        least, most = self.low is None or self.low <= value, self.high is None or value <= self.high
        return least and most and not (self.whole and value % 1)

    @property
    def group(self) -> str:
        """The part of the name before the first dot; "" for a series fact."""
        return self.name.partition(".")[0] if "." in self.name and "(" not in self.name else ""

    @property
    def plausible(self) -> tuple[float, float] | None:
        """Sizes that a threshold may have without a second look; None when anything goes."""
        if self.threshold is not None or self.unit is None:
            return self.threshold
        return PLAUSIBLE.get(self.unit)

    def absence_in(self, mode: Mode) -> Absence:
        """What a missing value of this fact means in `mode`."""
        return self.absence if mode in self.modes else Absence.NOT_IN_MODE

    def meaning(self) -> dict[str, object]:
        """What the fact means, without its wording: the part that a hash covers."""
        return {
            "name": self.name,
            "type": self.type.value,
            "unit": self.unit.value if self.unit else None,
            "scope": self.scope.value,
            "modes": sorted(mode.value for mode in self.modes),
            "absence": self.absence.value,
            "first_value": self.first_value,
            "window_s": self.window_s,
            "gap_s": self.gap_s,
            "low": self.low,
            "high": self.high,
            "values": list(self.values),
        }


@dataclass(frozen=True)  # no slots: the cached properties live in the instance's dict
class Vocabulary:
    """Facts by name, and the invariants between them. Immutable; extending makes another."""

    specs: Mapping[str, FactSpec]
    invariants: tuple[str, ...] = ()
    _bases: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, specs: Iterable[FactSpec], invariants: tuple[str, ...] = ()) -> Vocabulary:
        """Compose; raises ValueError when two facts share a name."""
        return cls(MappingProxyType(_by_name({}, specs)), invariants)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.spec(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.specs)

    def __len__(self) -> int:
        return len(self.specs)

    def spec(self, name: str) -> FactSpec | None:
        """The fact of that name, series facts included; None where there is none."""
        found = self.specs.get(name)
        if found is not None:
            return found
        call = series_call(name)
        return series_spec(call) if call else None

    def extended(self, specs: Iterable[FactSpec]) -> Vocabulary:
        """This vocabulary and the facts of one policy set; raises ValueError on a taken name."""
        return Vocabulary(MappingProxyType(_by_name(self.specs, specs)), self.invariants)

    def with_values(self, values: Mapping[str, tuple[str, ...]]) -> Vocabulary:
        """The same facts, with the values of some enums named (`asset.tier` by the set)."""
        specs = dict(self.specs)
        for name, allowed in values.items():
            specs[name] = replace(specs[name], values=allowed)
        return Vocabulary(MappingProxyType(specs), self.invariants)

    def with_definition(self, name: str, definition: str) -> Vocabulary:
        """The same facts, with another definition of one that each set composes for itself."""
        specs = {**self.specs, name: replace(self.specs[name], definition=definition)}
        return Vocabulary(MappingProxyType(specs), self.invariants)

    def definition_tree(self, name: str) -> Node | None:
        """The parsed definition of a derived fact; None for a base or unknown one."""
        spec = self.specs.get(name)
        if spec is None or spec.definition is None:
            return None
        return _parsed(spec.definition)

    def base_facts(self, tree: Node) -> frozenset[str]:
        """Every base fact that a tree depends on, through definitions; unknown names are base."""
        return frozenset().union(*(self._base_of(name) for name in fact_names(tree)))

    def _base_of(self, name: str) -> frozenset[str]:
        definition = self.definition_tree(name)
        if definition is None:
            return frozenset({name})
        if name not in self._bases:
            # INVARIANT: definitions do not go round in circles; a test walks all of them.
            self._bases[name] = self.base_facts(definition)
        return self._bases[name]

    @cached_property
    def invariant_trees(self) -> tuple[Node, ...]:
        """The invariants, parsed: each a flag that holds in every snapshot worth believing."""
        return tuple(_parsed(text) for text in self.invariants)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the meaning of every fact and invariant, 64 hex digits."""
        return self.hash_of(self.specs)

    def hash_of(self, names: Iterable[str]) -> str:
        """SHA-256 of what these facts mean, definitions followed; wording does not count."""
        closure = self.closure(names)
        content = {
            "facts": [self._meaning(name) for name in sorted(closure)],
            "invariants": sorted(
                print_tree(tree) for tree in self.invariant_trees if fact_names(tree) <= closure
            ),
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(b"mandate/vocabulary/v1\n" + text.encode("ascii")).hexdigest()

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """These facts and every fact, base or derived, that they come from."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                tree = self.definition_tree(name)
                waiting.extend(fact_names(tree) if tree else ())
        return frozenset(found)

    def _meaning(self, name: str) -> dict[str, object]:
        spec = self.spec(name)
        if spec is None:
            return {"name": name}
        tree = self.definition_tree(name)
        return spec.meaning() | {"definition": print_tree(tree) if tree else None}


def fact_names(tree: Node) -> frozenset[str]:
    """The names of all facts in a tree, as written, definitions not followed."""
    return frozenset(node.name for node in walk(tree) if isinstance(node, Fact))


def series_spec(call: SeriesCall) -> FactSpec:
    """What a series call means as a fact; its producer states the gap that it tolerates."""
    function = call.function
    return FactSpec(
        name=call.name,
        type=FactType.NUMBER,
        unit=function.unit,
        scope=FactScope.SYMBOL,
        producer=f"series.{function.name}",
        sentence=function.sentence,
        window_s=_window_s(call),
        low=function.low,
        high=function.high,
    )


def _window_s(call: SeriesCall) -> int:
    durations = [duration_s(each) for each in call.arguments if isinstance(each, str)]
    kinds = [kind for _, kind in call.function.parameters]
    if SeriesArgument.WHOLE in kinds:
        bars = next(each for each in call.arguments if isinstance(each, int))
        return bars * max(durations)
    return max(durations)


def _by_name(known: Mapping[str, FactSpec], specs: Iterable[FactSpec]) -> dict[str, FactSpec]:
    found = dict(known)
    for spec in specs:
        if spec.name in found:
            message = f"fact {spec.name!r} is already in the vocabulary"
            raise ValueError(message)
        found[spec.name] = spec
    return found


@lru_cache(maxsize=4096)  # definitions and invariants are few, and shared by every extension
def _parsed(text: str) -> Node:
    parsed = parse(Snippet.of(text, "<vocabulary>"), GENERATED)
    if parsed.tree is None:
        raise MandateError(parsed.diagnostics)
    return parsed.tree
