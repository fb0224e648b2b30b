"""Recording a market: in this release the synthetic one, seeded and labelled as such.

In: a directory, a seed, a length. Out: the files that were written. Refuses a venue (there is
none to connect to), and what the generator and the writer refuse.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.adapters.synthetic import DEMO_SPEC, write_market
from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from pathlib import Path


def record_synthetic(directory: Path, seed: int, hours: int, suffix: str) -> tuple[Path, ...]:
    """Write the market of a seed; raises MandateError with what is wrong."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = (error.strerror or "I/O error").lower()
        raise MandateError([Diagnostic("M513", f"cannot make `{directory}`: {why}")]) from error
    found = write_market(directory, replace(DEMO_SPEC, hours=hours), seed, suffix)
    if found:
        raise MandateError(found)
    return tuple(sorted(directory.glob(f"synthetic_*{suffix}")))


def refuse_venue() -> MandateError:
    """What to say to someone who wants to record a venue."""
    message = "this release records no venue"
    mend = "`--synthetic` writes an invented market to try things on"
    return MandateError([Diagnostic("M457", message, None, mend)])
