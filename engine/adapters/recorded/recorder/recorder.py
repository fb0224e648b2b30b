"""A recording that goes on: rows, gaps, and what it is a recording of.

In: events as they are received, and the moments from which nobody listened. Out: files by the hour
in one directory, and `gaps.jsonl` with the reason of each gap. Refuses to go on in a directory that
holds another recording: rows of two kinds of sampling in one file would be neither.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import orjson

from engine.adapters.recorded.recorder.hours import Hours
from engine.adapters.recorded.recorder.sampling import Sampling
from engine.errors import Diagnostic, MandateError
from engine.model.market import Quote
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from engine.model.market import MarketEvent
    from engine.ports import Disk

PLAN, GAPS = "recording.json", "gaps.jsonl"


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """What is recorded: whose market, which products, how often quotes, how deep books."""

    venue: str
    products: tuple[str, ...]
    every_s: float
    depth: int


@dataclass(slots=True)
class Recorder:
    """Made by `begin`. `gaps` counts those of this start."""

    disk: Disk
    hours: Hours
    sampling: Sampling
    gaps: int = 0
    _known: dict[Symbol, UtcTime] = field(default_factory=dict)

    @classmethod
    def begin(cls, disk: Disk, plan: RecordingPlan) -> Recorder:
        """Begin, or go on after the last durable row.

        Raises MandateError for another recording in the same place, and OSError.
        """
        _agree(disk, plan)
        recorder = cls(disk, Hours(disk), Sampling(plan.every_s))
        newest = recorder.hours.last_quotes()
        recorder._known = {Symbol.parse(name): time for name, time in newest.items()}
        recorder.gap("nobody recorded")
        return recorder

    def take(self, event: MarketEvent) -> None:
        """Take in one event."""
        if self.sampling.keeps(event):
            self.hours.take(event)
        if isinstance(event, Quote):
            self._known[event.symbol] = event.time

    def gap(self, reason: str, heard: UtcTime | None = None) -> None:
        """Nobody listens from here on: after each product's last quote, or after `heard`.

        In the recording it is a quote without sides: what was shown there is not known.
        """
        if not self._known:
            return
        since = {s: UtcTime(max(t, heard or t).ns + 1) for s, t in self._known.items()}
        for symbol, time in since.items():
            self.hours.take(Quote(symbol, time, None, None))
        self._known.clear()
        self.sampling.forget()
        self.gaps += 1
        told = {str(symbol): str(time) for symbol, time in since.items()}
        self.disk.append(GAPS, orjson.dumps({"reason": reason, "since": told}) + b"\n")
        self.disk.sync(GAPS)

    def flush(self) -> None:
        """Make everything durable; raises OSError."""
        self.hours.flush()


def _agree(disk: Disk, plan: RecordingPlan) -> None:
    """Write down what is recorded, or find that it is the same."""
    told = orjson.dumps(asdict(plan), option=orjson.OPT_INDENT_2)
    try:
        known = disk.read(PLAN)
    except FileNotFoundError:
        disk.replace(PLAN, told)
        return
    if known != told:
        message = "the directory holds another recording: other products, sampling or depth"
        mend = f"compare `{PLAN}` there, or give `--out` another directory"
        raise MandateError([Diagnostic("M613", message, None, mend)])
