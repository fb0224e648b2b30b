"""A whole sweep: plan its units, work those that nobody has worked yet, sum up.

In: sets, axes, recordings, terms, a folder for results. Out: `Swept`. Each result is kept as soon
as it is there, so a sweep that was killed goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import engine
from engine.policyset.opening import load_policy_set
from engine.run.simulating import opened
from engine.run.sweeping.cluster import on_cluster
from engine.run.sweeping.pool import on_processes
from engine.simulation.sweeping.axes import combinations
from engine.simulation.sweeping.units import Kept, Unit, engine_hash, sweep_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.simulation.sweeping.axes import Axis
    from engine.simulation.terms import Terms


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to sweep: every combination of the axes, of every set, over every recording."""

    directories: tuple[Path, ...]
    axes: tuple[Axis, ...]
    recordings: tuple[tuple[Path, ...], ...]
    terms: Terms


@dataclass(frozen=True, slots=True)
class Workers:
    """Who works: `jobs` processes here, or the cluster at `address`; `folder` is there already."""

    folder: Path
    jobs: int = 1
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Swept:
    """Units in the order of the plan and their results by key; `worked` were not there before."""

    units: tuple[Unit, ...]
    results: Mapping[str, bytes]
    worked: int

    @property
    def hash(self) -> str:
        """One hash over all results: equal wherever they were worked."""
        return sweep_hash(self.results)


def planned(wanted: Wanted) -> tuple[Unit, ...]:
    """Every unit; raises MandateError where a set does not load or a recording does not open."""
    program = engine_hash(Path(engine.__file__).parent)
    bases = {each: load_policy_set(each).required().hash for each in wanted.directories}
    data = {
        files: opened(files, replace(wanted.terms, stress=1)).digest for files in wanted.recordings
    }
    return tuple(
        Unit(
            directory=directory.resolve(),
            edits=edits,
            files=tuple(each.resolve() for each in files),
            terms=wanted.terms,
            base=bases[directory],
            data=data[files],
            engine=program,
        )
        for files in wanted.recordings
        for directory in wanted.directories
        for edits in combinations(wanted.axes)
    )


def sweep(
    units: tuple[Unit, ...],
    workers: Workers,
    begin: Callable[[int], None],
    done: Callable[[], None],
) -> Swept:
    """Work what is not there yet; `begin` hears how many, `done` of each one.

    Raises what a worker raises.
    """
    kept = Kept(workers.folder)
    results = kept.read(units)
    missing = tuple({u.key: u for u in units if u.key not in results}.values())
    begin(len(missing))
    if workers.address is None:
        working = on_processes(missing, workers.folder, workers.jobs)
    else:
        working = on_cluster(missing, workers.folder, workers.address)
    for unit, result in working:
        results[unit.key] = result
        done()
    return Swept(units, results, len(missing))
