"""The baseline that a simulation is held against: its file, and findings in the house's form.

In: a path and tolerances as typed, the body of this simulation. Out: a finding (M805) a figure
that moved too far. Refuses what `engine.simulation.baseline` refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError, Place
from engine.simulation.baseline import drifts, tolerances_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from engine.ledger.bodies import Body


def baseline_findings(
    path: Path | None, tolerances: Sequence[str], body: Body
) -> tuple[Diagnostic, ...]:
    """What moved beyond its tolerance; nothing where no baseline is named."""
    given = tolerances_of(tolerances)
    if path is None:
        if given:
            message = "a tolerance says how far from a baseline, and none is named"
            raise MandateError([Diagnostic("M804", message, None, "add `--baseline FILE`")])
        return ()
    found = drifts(str(path), _bytes(path), body, given)
    return tuple(each.finding(str(path)) for each in found)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        why = (error.strerror or "I/O error").lower()
        place = Place(str(path), 1, 1)
        raise MandateError([Diagnostic("M802", f"cannot read it: {why}", place)]) from error
