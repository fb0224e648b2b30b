"""A Dask cluster that exists already as workers: the same function, the same results.

In: units, the scheduler's address. Out: each unit with its result, as it is done, kept here. The
workers must see the same files by the same paths; each checks the hashes. Refuses (M834) an
address where no scheduler answers, and (M835) to begin without the extra `cluster`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.system.whole_file import write_whole
from engine.errors import Diagnostic, MandateError, with_extra
from engine.run.sweeping.work import work
from engine.simulation.sweeping.units import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from engine.simulation.sweeping.units import Unit

ANSWERS_WITHIN_S = 10


def on_cluster(units: Sequence[Unit], folder: Path, address: str) -> Iterator[tuple[Unit, bytes]]:
    """Work all units on the cluster."""
    try:
        from distributed import Client, as_completed  # noqa: PLC0415 - an extra, on first use
    except ImportError as error:
        mend = with_extra("cluster")
        found = Diagnostic("M835", "sweeps on a cluster need the extra `cluster`", None, mend)
        raise MandateError([found]) from error
    try:
        client = Client(  # type: ignore[no-untyped-call]  # Dask types a part of itself
            address, timeout=ANSWERS_WITHIN_S, set_as_default=False
        )
    except (OSError, TimeoutError, ValueError) as error:
        mend = "start one: `dask scheduler`, and `dask worker ADDRESS` where the files are"
        message = f"no Dask scheduler answers at `{address}`"
        raise MandateError([Diagnostic("M834", message, None, mend)]) from error
    with client, client.as_current():
        # Pure by name: a scheduler that is asked twice for one unit works it once.
        waiting = {client.submit(work, unit, key=f"mandate-{unit.key}"): unit for unit in units}
        for done in as_completed(waiting):  # type: ignore[no-untyped-call]  # the same
            unit, result = waiting[done], done.result()
            write_whole(Kept(folder).path(unit.key), result)
            yield unit, result
