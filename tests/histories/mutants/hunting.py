"""Hunting: histories on an engine with a mistake in it, until one breaks an invariant.

In: mutants. Out: for each the seed that killed it, by which invariant, and how many histories that
took. Each has a process of its own, forked from one that has imported everything but the engine.
"""

from __future__ import annotations

import importlib
import signal
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from histories.mutants.planting import plant
from histories.plan import plan_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from histories.mutants.mutant import Mutant

MOST_SEEDS = 2_000
_LONGEST_CPU_S = 60
_SOUND_SEEDS = 20
_OTHERS_LIBRARIES = ("pydantic", "jsonschema", "ruamel.yaml", "orjson", "httpx", "jwt", "asyncio")


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of a mutant: `seed` None means that it lives."""

    mutant: Mutant
    seed: int | None
    histories: int
    by: str


def hunt_all(mutants: Sequence[Mutant], seeds: int, jobs: int) -> Iterator[Killed]:
    """Hunt each; told as each is known."""
    for name in _OTHERS_LIBRARIES:
        importlib.import_module(name)
    asked = [(each, seeds) for each in mutants]
    with get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        pool.apply(_sound)
        yield from pool.imap_unordered(_hunt, asked, chunksize=1)


def _sound() -> None:
    """Raise where histories break without any mistake: each mutant would seem to die of that."""
    history = importlib.import_module("histories.history")
    for seed in range(_SOUND_SEEDS):
        outcome = history.play(seed)
        if outcome.broken is not None:
            message = f"seed {seed} breaks without a mutant: {outcome.by}"
            raise RuntimeError(message)


def _hunt(asked: tuple[Mutant, int]) -> Killed:
    mutant, seeds = asked
    plant(mutant)
    try:
        history = importlib.import_module("histories.history")
    except Exception as error:  # noqa: BLE001 - whatever it is, no history has killed it
        return Killed(mutant, None, 0, f"it does not begin: {error}")
    signal.signal(signal.SIGVTALRM, _gave_up)
    for histories, seed in enumerate(_in_order(mutant, seeds), 1):
        signal.setitimer(signal.ITIMER_VIRTUAL, _LONGEST_CPU_S)
        try:
            outcome = history.play(seed)
        except _NeverEnds:
            return Killed(mutant, seed, histories, "I10: it never comes to an end")
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if outcome.broken is not None:
            return Killed(mutant, seed, histories, outcome.by)
    return Killed(mutant, None, seeds, "")


def _in_order(mutant: Mutant, seeds: int) -> list[int]:
    """All of them: first those with most of the faults that are aimed at the mistake."""
    aimed = frozenset(mutant.aimed)
    return sorted(range(seeds), key=lambda seed: (-len(aimed & plan_of(seed).faults), seed))


class _NeverEnds(KeyboardInterrupt):
    """An event loop lets nothing catch it."""


def _gave_up(_number: int, _frame: FrameType | None) -> None:
    raise _NeverEnds
