"""Simulating: the loop of a recorded run, assembled over memory and listened to.

In: a policy set, a recording, terms. Out: `Simulation`. It is the same assembly, cycle and paper
venue as `trader run --quotes`, so its decisions are the same bytes; only its ledger is let go.
Refuses (MandateError) what such a run refuses, and terms that nobody can simulate (M800, M801).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.adapters.recorded import Recording, stressed
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.forgetful_disk import ForgetfulDisk
from engine.cycle.policy_watch import PolicyWatch
from engine.cycle.records.recovery import recover
from engine.errors import Diagnostic, MandateError, with_extra
from engine.ledger.journal import Journal
from engine.model.orders import Mode
from engine.run.assembly.recorded import RecordedRun
from engine.run.assembly.stream import WATCH_S, Stream
from engine.run.market import cycle_times
from engine.run.refusals import market_of, mode_refusals
from engine.run.settings import RunSettings
from engine.simulation.collecting import Collector
from engine.simulation.result import Simulation
from engine.simulation.stepping import ChosenInstants, Playing, SilentFeed
from engine.simulation.terms import AS_RECORDED, Terms

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.cycle.desk import Round
    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.policyset.policyset import PolicySet
    from engine.run.session import Session
    from engine.simulation.stepping import Prescreen

Market = Recording | Path | str | Sequence[Path | str]
"""An opened recording, or the files of one."""


@dataclass(frozen=True, slots=True)
class Watching:
    """Who follows a simulation: `round` every stepped cycle, `record` every record, `planned`."""

    round: Callable[[Round], None]
    record: Callable[[Record, Body], None]
    planned: Callable[[int], None]


UNWATCHED = Watching(lambda _this: None, lambda _record, _body: None, lambda _count: None)


def simulate(
    policy_set: PolicySet,
    recordings: Market,
    terms: Terms = AS_RECORDED,
    *,
    prescreen: Prescreen | None = None,
    watching: Watching = UNWATCHED,
) -> Simulation:
    """What this policy set would have done: the production cycle over recordings, in memory.

    `prescreen` chooses the cycles to step; without one all are. Raises MandateError with what
    stands against it.
    """
    refused = [*terms.findings()]
    if refused:
        raise MandateError(refused)
    recording = opened(recordings, terms)
    session = _session(policy_set, recording, terms)
    collector = Collector(session.desk, watching.record)
    return _run(session, collector, recording, terms, prescreen, watching)


def prescreening() -> Prescreen:
    """The choice that leaves out what can change nothing; raises MandateError (M850)."""
    try:
        from engine.simulation.prescreening.screen import screened  # noqa: PLC0415 - an extra
    except ImportError:
        message = "leaving cycles out needs the extra `simulate`, which is not installed"
        mend = with_extra("simulate", "leave `--prescreen` out: every cycle is stepped then")
        raise MandateError([Diagnostic("M850", message, None, mend)]) from None
    return screened


def opened(recordings: Market, terms: Terms) -> Recording:
    """The market that is meant; raises MandateError with all that is wrong with its files."""
    found = recordings
    if not isinstance(found, Recording):
        paths = [found] if isinstance(found, Path | str) else found
        found = market_of([Path(each) for each in paths], terms.derive)
    return stressed(found, terms.stress)


def _session(policy_set: PolicySet, recording: Recording, terms: Terms) -> Session:
    # Nothing leaves this process, so a set for live trading is simulated as on paper.
    mode = terms.mode or Mode.PAPER
    settings = RunSettings(Path(), Path(), quotes=(Path(),), mode=mode)
    refused = [*mode_refusals(settings, policy_set.deployment, mode), *_empty(recording, terms)]
    if refused:
        raise MandateError(refused)
    return RecordedRun(_stream(settings, policy_set, mode), recording, terms).session()


def _empty(recording: Recording, terms: Terms) -> list[Diagnostic]:
    """A window in which nothing was recorded (M801)."""
    times = [each for each in cycle_times(recording) if each]
    first, last = min(each[0] for each in times), max(each[-1] for each in times)
    since, until = terms.since, terms.until
    if (since is None or since.ns <= last) and (until is None or until.ns >= first):
        return []
    message = "no quote was recorded between `--from` and `--to`"
    mend = f"quotes were recorded from {recording.first} to {recording.last}"
    return [Diagnostic("M801", message, None, mend)]


def _stream(settings: RunSettings, policy_set: PolicySet, mode: Mode) -> Stream:
    disk = ForgetfulDisk()
    return Stream(
        settings=settings,
        policy_set=policy_set,
        mode=mode,
        lease=_Alone(),
        disk=disk,
        journal=Journal.open(disk),
        genesis=None,
        recovered=recover(()),
        watch=PolicyWatch(_InHand(policy_set.hash), policy_set.hash, SystemClock(), WATCH_S),
        ceilings=None,
        shadow=None,
    )


class _Alone:
    """The lease of a ledger that nobody else can reach."""

    held = True

    def release(self) -> None:
        """Nobody waits for it."""


@dataclass(frozen=True, slots=True)
class _InHand:
    """The documents of a set that was loaded already."""

    hash: str

    async def current_hash(self) -> str | None:
        """What was loaded."""
        return self.hash

    async def commit(self) -> str | None:
        """No commit is followed in simulated time."""
        return None


def _apart(work: Callable[[], object]) -> None:
    """Run it here, or beside an event loop that runs here already: a notebook has one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        work()
        return
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(work).result()


def _run(
    session: Session,
    collector: Collector,
    recording: Recording,
    terms: Terms,
    prescreen: Prescreen | None,
    watching: Watching,
) -> Simulation:
    market = session.recorded
    assert market is not None  # noqa: S101 - INVARIANT: the assembly is that of a recording
    if prescreen is not None:
        choice = prescreen(Playing(session.desk, recording, session.loop.sinks, market.waits))
        session.loop.instants = ChosenInstants(market.timetable, choice, collector)
        session.loop.feed = SilentFeed()
    watching.planned(session.planned or 0)
    begun = session.desk.valuation.equity(session.state)

    def tell(this: Round) -> None:
        collector.on_round(this)
        watching.round(this)

    _apart(lambda: session.run(tell))
    collector.finish()
    state, desk = session.state, session.desk
    return Simulation(
        policy_set=session.policy_set,
        terms=terms,
        mode=session.mode,
        recording=recording,
        first=market.timetable.first,
        last=state.last_cycle or market.timetable.first,
        cycles=collector.stepped + collector.left_out,
        stepped=collector.stepped,
        skipped_s=sum(each.end.since_s(each.start) for each in session.skipped),
        stream_hash=collector.stream_hash,
        records=dict(sorted(collector.records.items(), key=lambda each: each[0].value)),
        orders=tuple(collector.orders),
        fills=tuple(collector.fills),
        events=tuple(collector.events),
        silences=tuple(collector.silences),
        rules=collector.firing.counts(),
        series=collector.series,
        begun_with=begun,
        ended_with=desk.valuation.equity(state),
        realised=state.realised,
        fees=state.fees,
    )
