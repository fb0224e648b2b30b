"""Recording a market: a venue's while it happens, or a synthetic one, seeded and labelled as such.

In: a directory, and a venue or a seed. Out: the files that were written. Refuses what the generator
and the writer refuse, and who says not what to record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.adapters.synthetic import DEMO_SPEC, write_market
from engine.errors import Diagnostic, MandateError, with_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from engine.model.symbols import Symbol

COINBASE = "coinbase"
LOOPBACK = "a venue on loopback"


@dataclass(frozen=True, slots=True)
class RecordingTerms:
    """What a person asked for.

    `venue` is `coinbase`, or an address on loopback whose certificate `authority` signs. `every_s`
    is the least time between two quotes of a product, 0 for every change; `depth` counts levels
    of each side of the books. `for_s` None records until it is stopped.
    """

    venue: str
    authority: Path | None
    products: Sequence[Symbol]
    directory: Path
    every_s: float
    depth: int
    for_s: float | None

    @property
    def name(self) -> str:
        """The venue without its address, which may be another at the next start."""
        return COINBASE if self.venue == COINBASE else LOOPBACK


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one start wrote: rows, gaps that it marked, connections that it lost."""

    rows: int
    gaps: int
    losses: int


def venue_recording(terms: RecordingTerms) -> Callable[[], Recorded]:
    """The recording of a venue, to be begun; raises MandateError where the extra is missing."""
    if not terms.products:
        mend = "add `--products BTC-USD,ETH-USD`"
        raise nothing_to_record(mend)
    try:
        from engine.run.real_time.recording import prepared  # noqa: PLC0415 - extras, on first use
    except ModuleNotFoundError as error:
        message = f"recording a venue needs `{error.name}`, which is not installed"
        mend = with_extra("live,simulate")
        raise MandateError([Diagnostic("M460", message, None, mend)]) from error
    return prepared(terms)


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


def nothing_to_record(mend: str) -> MandateError:
    """What to say to someone who does not say what to record, or says two things at once."""
    message = "say what to record: one market, and its products"
    return MandateError([Diagnostic("M457", message, None, mend)])
