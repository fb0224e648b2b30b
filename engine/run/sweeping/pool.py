"""The processes of this machine as workers.

In: units. Out: each unit with its result, as it is done. What a worker raises is raised here.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TYPE_CHECKING

from engine.run.sweeping.work import work_and_keep

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from engine.simulation.sweeping.units import Unit


def on_processes(units: Sequence[Unit], folder: Path, jobs: int) -> Iterator[tuple[Unit, bytes]]:
    """Work all units; one job works them in this process."""
    if jobs == 1:
        yield from ((unit, work_and_keep(unit, folder)) for unit in units)
        return
    # Not forked: the threads of Polars would be forked in the middle of what they do.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(work_and_keep, unit, folder): unit for unit in units}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
