"""A soak: days of paper trading in virtual time, with faults, as one process of the real engine.

In: how many virtual hours, a seed, a directory. Out: `Soaked`, also as JSON when it is run by
itself (`python -m soak.soaking HOURS SEED DIR`): memory by day, cycles and their p99 as the metrics
tell it, what was struck, what was sent, what failed, and whether the ledger is whole.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import re
import socket
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from soak.weather import DAY_S, Weather

from engine.adapters.recorded.files.writing import write_recording
from engine.adapters.synthetic.generator import MarketSpec, generate
from engine.adapters.synthetic.script import SCRIPT_HOURS
from engine.adapters.system.disk import DirectoryDisk
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.cycle.health import WatchedExchange
from engine.cycle.rejudge import rejudge
from engine.ledger.reader import JournalReader
from engine.ledger.records import RecordKind
from engine.ledger.verify import verify
from engine.model.market import Quote
from engine.model.times import NS_PER_S, UtcTime
from engine.observe.exposition import prometheus_name
from engine.observe.instruments import CYCLE_DURATION
from engine.run import RunSettings, prepare
from engine.run.telemetry import PageAddress, Watched, watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.cycle.desk import Round
    from engine.model.market import MarketEvent
    from engine.run import Session

POLICIES = Path(__file__).parents[2] / "policies" / "paper"
BEGIN = UtcTime.parse("2026-01-05T00:00:00Z")
QUOTE_EVERY_S = 60
HALT_AT_S, RESUME_AT_S = 43_200, 43_500
"""Each day somebody throws the kill switch at noon, and five minutes later lets trading go on."""


@dataclass
class Soaked:
    """What became of it; `rss_mb` is what the process held at each virtual midnight."""

    hours: int
    seed: int
    cycles: int = 0
    failures: int = 0
    failed_steps: list[str] = field(default_factory=list)
    logged_errors: list[str] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    cycle_p50_s: float = 0.0
    cycle_p99_s: float = 0.0
    struck: dict[str, int] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    intact: bool = False
    rejudged: int = 0
    agrees: bool = False
    unknown_left: int = 0
    differences_left: int = 0

    @property
    def slope_mb_a_day(self) -> float:
        """How much more is held at each midnight of the second half: windows are full by then."""
        later = self.rss_mb[len(self.rss_mb) // 2 :]
        steps = [after - before for before, after in pairwise(later)]
        return sum(steps) / len(steps) if steps else 0.0


def market(hours: int, seed: int) -> Iterator[MarketEvent]:
    """The script of the synthetic market again and again, each time from another seed."""
    for block in range(-(-hours // SCRIPT_HOURS)):
        start = BEGIN.plus_s(block * SCRIPT_HOURS * 3600)
        before = 24 if block == 0 else 0
        spec = MarketSpec(start, SCRIPT_HOURS, before, QUOTE_EVERY_S)
        yield from generate(spec, seed + block)


def recordings(hours: int, seed: int, folder: Path) -> tuple[Path, ...]:
    """The market as files."""
    events = list(market(hours, seed))
    quotes = [each for each in events if isinstance(each, Quote)]
    bars = [each for each in events if not isinstance(each, Quote)]
    files = (folder / "quotes.csv", folder / "bars.csv")
    for path, rows in zip(files, (quotes, bars), strict=True):
        assert write_recording(path, rows) == ()
    return files


@dataclass
class Soaking:
    """One soak while it goes on: it looks at each round, and lends the operator's hand."""

    session: Session
    soaked: Soaked
    day: int = 0
    halted: bool = False

    def __call__(self, this: Round) -> None:
        """One cycle is over."""
        self.soaked.cycles += 1
        self.soaked.failed_steps += [n for n in this.notes if " failed: " in n]
        second = this.now.ns // NS_PER_S
        if second // DAY_S != self.day:
            self.day = second // DAY_S
            self.soaked.rss_mb.append(rss_mb())
            self._rearm(this.now)
        self._hand(second % DAY_S, this.now)

    def _hand(self, second: int, now: UtcTime) -> None:
        disk = DirectoryDisk(self.session.settings.ledger)
        if not self.halted and HALT_AT_S <= second < RESUME_AT_S:
            operator.throw_kill_switch(disk, "soak", "a try of the brake", now)
            self.halted = True
        elif self.halted and second >= RESUME_AT_S:
            operator.release_kill_switch(disk)
            self._order("resume", "", now)
            self.halted = False

    def _rearm(self, now: UtcTime) -> None:
        """A person has looked at what waits for one."""
        for (name, key), latch in self.session.state.latches.items():
            if latch.rearm_not_before is not None and now >= latch.rearm_not_before:
                self._order("rearm", f"{name}:{key}" if key else name, now)

    def _order(self, verb: str, target: str, now: UtcTime) -> None:
        disk = DirectoryDisk(self.session.settings.ledger)
        operator.drop_command(disk, Command(verb, target, "soak", "a day of it"), now)


class _Errors(logging.Handler):
    """Keeps what was logged as an error."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.found = found

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.found.append(record.getMessage())


def long_run(hours: int, seed: int, folder: Path) -> RunSettings:
    """The shipped paper set, over a market that is made for it."""
    return RunSettings(POLICIES, folder / "ledger", recordings(hours, seed, folder))


def soak(settings: RunSettings, hours: int, seed: int) -> Soaked:
    """Run it whole, then look at what it left."""
    soaked = Soaked(hours, seed)
    gc.collect()
    session = prepare(settings)
    watching = session.desk.exchange
    assert isinstance(watching, WatchedExchange)
    weather = Weather(watching.venue, session.clock, seed)
    session.desk.exchange = replace(watching, venue=weather)
    handler = _Errors(soaked.logged_errors)
    logging.getLogger().addHandler(handler)
    try:
        page = _run(session, Soaking(session, soaked))
    finally:
        logging.getLogger().removeHandler(handler)
    soaked.cycle_p50_s, soaked.cycle_p99_s = (quantile(page, q) for q in (0.5, 0.99))
    soaked.failures = len(session.desk.failures)
    soaked.struck = dict(sorted(weather.struck.items()))
    state = session.state
    soaked.unknown_left = sum(o.status.value == "unknown" for o in state.working.values())
    soaked.differences_left = state.mismatches
    _look_back(settings.ledger, soaked)
    return soaked


def _run(session: Session, soaking: Soaking) -> str:
    """Run it watched, as an operator would; the page of metrics as it was at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with watched(session, Watched(PageAddress("127.0.0.1", port))):
        session.run(soaking)
        return httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text


def _look_back(ledger: Path, soaked: Soaked) -> None:
    disk = DirectoryDisk(ledger)
    soaked.intact = verify(disk).intact
    kinds = Counter(each.kind.value for each in JournalReader(disk).records())
    soaked.records = dict(sorted(kinds.items()))
    report = rejudge(JournalReader(disk).records())
    soaked.agrees, soaked.rejudged = report.agrees, kinds[RecordKind.DECISION.value]


def quantile(page: str, share: float) -> float:
    """A quantile of the cycle's histogram, worked out as Prometheus does it."""
    name = prometheus_name(CYCLE_DURATION)
    found = re.findall(rf'^{name}_bucket{{.*?le="([^"]+)".*}} (\S+)$', page, re.MULTILINE)
    buckets = sorted((float(le), float(count)) for le, count in found)
    wanted = share * buckets[-1][1]
    below, seen = 0.0, 0.0
    for bound, count in buckets:
        if count >= wanted:
            inside = (wanted - seen) / (count - seen) if count > seen else 1.0
            return below if bound == float("inf") else below + (bound - below) * inside
        below, seen = bound, count
    return below


def rss_mb() -> float:
    """What this process holds in memory now, garbage apart."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(hours: str, seed: str, folder: str) -> None:
    """Soak, and tell it as JSON."""
    settings = long_run(int(hours), int(seed), Path(folder))
    soaked = soak(settings, int(hours), int(seed))
    told = {**asdict(soaked), "slope_mb_a_day": soaked.slope_mb_a_day}
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
