"""The units of a sweep, and what each came to: named by content, so that none is worked twice.

In: the hashes of engine, set and data, the edits, the terms. Out: a key of 64 hex digits; results
as canonical JSON bytes, with nothing in them that depends on where or when they were worked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from engine.model.numbers import ZERO, canonical_number
from engine.simulation.figures import figures_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    from engine.errors import Diagnostic
    from engine.ledger.bodies import Body
    from engine.simulation.result import Simulation
    from engine.simulation.sweeping.axes import Edit
    from engine.simulation.terms import Terms

_DOMAIN = b"mandate/sweep/v1\n"


@dataclass(frozen=True, slots=True)
class Unit:
    """One variant over one recording. Where it lies (`directory`, `files`) is not in its key.

    `base` is the hash of the set before the edits, `data` that of the recording, `engine` that of
    the program.
    """

    directory: Path
    edits: tuple[Edit, ...]
    files: tuple[Path, ...]
    terms: Terms
    base: str
    data: str
    engine: str

    @property
    def key(self) -> str:
        """What it is named by."""
        parts = (
            self.engine,
            self.base,
            self.data,
            *(each.words for each in sorted(self.edits)),
            repr(self.terms),
        )
        return hashlib.sha256(_DOMAIN + "\0".join(parts).encode()).hexdigest()


def engine_hash(root: Path) -> str:
    """The hash of the program: of each of its sources, by its place in the package."""
    found = hashlib.sha256(_DOMAIN)
    for path in sorted(root.rglob("*.py")):
        found.update(str(path.relative_to(root)).encode() + b"\0")
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def result_of(simulation: Simulation) -> bytes:
    """What a simulated unit came to."""
    figures = figures_of(simulation)
    entries = [each for each in simulation.denied if each.intent.intent.adds_risk]
    body: Body = {
        "policy_set": simulation.policy_set.hash,
        "stream": simulation.stream_hash,
        "result": _money(figures.result),
        "drawdown_pct": 0.0 if figures.drawdown is None else figures.drawdown.pct,
        "denied_usd": canonical_number(sum((e.asked_usd or ZERO for e in entries), ZERO)),
        "denied": len(entries),
        "sent": len(simulation.sent),
        "trades": figures.trades,
        "fees": canonical_number(figures.fees),
        "cycles": simulation.cycles,
        "stepped": simulation.stepped,
    }
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def refused(findings: Sequence[Diagnostic]) -> bytes:
    """What a variant came to that is no policy set."""
    told = [f"{each.code}: {each.message}" for each in findings]
    return orjson.dumps({"refused": told}, option=orjson.OPT_SORT_KEYS)


def sweep_hash(results: Mapping[str, bytes]) -> str:
    """One hash over all results, by key."""
    found = hashlib.sha256(_DOMAIN)
    for key in sorted(results):
        found.update(key.encode() + b"\0" + hashlib.sha256(results[key]).digest())
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """The results that are there already: a file a unit, in one folder."""

    folder: Path

    def read(self, units: Iterable[Unit]) -> dict[str, bytes]:
        """What is known of these units; a file that is no whole result is not there."""
        found = {}
        for unit in units:
            path = self.path(unit.key)
            data = path.read_bytes() if path.is_file() else b""
            if _whole(data):
                found[unit.key] = data
        return found

    def path(self, key: str) -> Path:
        """Where the result of a unit is."""
        return self.folder / f"{key}.json"


def _whole(data: bytes) -> bool:
    try:
        return isinstance(orjson.loads(data), dict)
    except orjson.JSONDecodeError:
        return False


def _money(value: Decimal | None) -> str | float | None:
    return None if value is None else canonical_number(value)
