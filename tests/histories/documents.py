"""The policy directory of a history, and what loading it makes: read by the engine's own loader.

In: which version lies there. Out: the sealed set, its programme and its judge, or None where the
loader refuses it. Each version is loaded once a process and shared: a set is frozen, and a
compiled judge keeps nothing of one order for the next.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.reloading.candidate import (
    Candidate,
    Compared,
    Provenance,
    Refusal,
    Unchanged,
)
from engine.errors import Diagnostic
from engine.model.orders import Mode
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.cycle.reloading.candidate import Outcome
    from engine.policyset.policyset import PolicySet

SETS = Path(__file__).parent / "sets"
MODE = Mode.LIVE
_FROM = Provenance(None, None, None, Compared("UNKNOWN", "UNKNOWN", "nobody asked"))


class Version(Enum):
    """What lies in the policy directory."""

    FIRST = "the first reviewed set"
    SECOND = "the second reviewed set"
    BAD = "a set with a rule that means nothing"
    TAMPERED = "the first set with a looser limit"
    HALF_WRITTEN = "a file that is only half there"


@dataclass(frozen=True, slots=True)
class Ready:
    """A set that was loaded, with what is compiled from it."""

    policy_set: PolicySet
    programme: Programme
    judge: Judge


@cache
def ready(version: Version) -> Ready | None:
    """What a process that starts now makes of the directory."""
    loaded = _loaded(version)
    if loaded is None:
        return None
    return Ready(loaded, Programme(loaded, MODE), Judge(loaded, MODE).prepare())


def checked(version: Version, named: str, running: PolicySet) -> Outcome:
    """What a run's check of the directory comes to, for whoever ordered this hash, or any."""
    found = ready(version)
    if found is None:
        return Refusal(None, (Diagnostic("M203", version.value),))
    if named not in {"", found.policy_set.hash}:
        return Refusal(found.policy_set.hash, (Diagnostic("M781", version.value),))
    if found.policy_set.hash == running.hash:
        return Unchanged()
    return Candidate(found.policy_set, found.programme, found.judge, _FROM)


def ordered(version: Version) -> str:
    """What whoever orders a reload means: the reviewed set, and not what somebody made of it."""
    return current_hash(Version.FIRST if version is Version.TAMPERED else version) or ""


def current_hash(version: Version) -> str | None:
    """What a running process sees when it looks at the directory."""
    loaded = ready(version)
    return None if loaded is None else loaded.policy_set.hash


def _loaded(version: Version) -> PolicySet | None:
    if version is Version.FIRST:
        return load_policy_set(SETS / "first").required()
    if version is Version.SECOND:
        return load_policy_set(SETS / "second").required()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "first"
        shutil.copytree(SETS / "first", copy)
        limits = copy / "limits.yaml"
        limits.write_text(_DAMAGE[version](limits.read_text("utf-8")), "utf-8")
        return load_policy_set(copy).policy_set


_DAMAGE: dict[Version, Callable[[str], str]] = {
    Version.BAD: lambda text: text.replace("order.notional_usd", "order.notional_eur"),
    Version.TAMPERED: lambda text: text.replace("max_at_risk_pct: 4", "max_at_risk_pct: 40"),
    Version.HALF_WRITTEN: lambda text: text[: len(text) // 2],
}
