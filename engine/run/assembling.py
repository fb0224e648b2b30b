"""Assembling a run: everything that can be refused is refused before the first record.

In: `RunSettings`. Out: `Session`. Refuses (MandateError) a set that does not load, a mode above
the Deployment's, a ledger of another stream, a second loop, and what this release cannot do.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

from engine.adapters.environment.policies import PolicyDirectory
from engine.adapters.notify import LogNotifier
from engine.adapters.paper import ImmediateFills, PaperExchange, PaperFees, PaperRules
from engine.adapters.recorded import RecordedFeed
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.lock import FileLock
from engine.adapters.system.paced_clock import PacedClock
from engine.adapters.system.rng import SeededRng
from engine.adapters.system.virtual_clock import VirtualClock
from engine.cycle import operator
from engine.cycle.desk import Desk
from engine.cycle.health import VenueHealth, WatchedExchange
from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.judging.shadow import Shadow
from engine.cycle.loop import Loop
from engine.cycle.market import MarketView
from engine.cycle.orders.ceilings import ceilings_body
from engine.cycle.orders.searches import Lookups
from engine.cycle.policy_watch import PolicyWatch
from engine.cycle.records.activation import activation_body
from engine.cycle.records.recorder import Recorder
from engine.cycle.records.recovery import recover
from engine.cycle.timetable import LiveTimetable, RecordedTimetable
from engine.cycle.valuation import Valuation
from engine.ledger.bodies import written
from engine.ledger.journal import Extent, Journal
from engine.ledger.records import RecordKind
from engine.policyset.ceilings import load_ceilings
from engine.policyset.opening import load_policy_set
from engine.run.market import bar_length_s, bar_sources, cycle_times, products_of
from engine.run.refusals import allowed_mode, check_series, check_stream, opened_recording
from engine.run.session import Session, guarded

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from decimal import Decimal

    from engine.adapters.recorded import Recording
    from engine.cycle.desk import Round
    from engine.cycle.loop import Instants
    from engine.cycle.records.recovery import Recovered
    from engine.kinds.deployment.document import DeploymentSpec
    from engine.ledger.bodies import Body
    from engine.model.orders import Fill, Mode, VenueOrder
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.run.settings import RunSettings

LOCK = "LOCK"
TICK_S = 0.1
"""How often the clockwork looks when time is real."""
WATCH_S = 60.0
"""How often the policy directory is compared with the set that runs."""
_NONCE_BYTES = 32


def prepare(settings: RunSettings, policy_set: PolicySet | None = None) -> Session:
    """Everything short of running; `policy_set` is that of `settings`, if it is loaded already."""
    policy_set = policy_set or load_policy_set(settings.policies).required()
    mode = allowed_mode(settings, policy_set.deployment)
    recording = opened_recording(settings)
    settings.ledger.mkdir(parents=True, exist_ok=True)
    lock = FileLock.acquire(settings.ledger / LOCK, SystemClock().now())
    try:
        return _Assembly(settings, policy_set, mode, recording, lock).session()
    except BaseException:
        lock.release()
        raise


class _Assembly:
    """The parts of one run, in the order in which they need each other."""

    def __init__(
        self,
        settings: RunSettings,
        policy_set: PolicySet,
        mode: Mode,
        recording: Recording,
        lock: FileLock,
    ) -> None:
        self.settings = settings
        self.policy_set = policy_set
        self.mode = mode
        self.recording = recording
        self.lock = lock
        self.ceilings = None
        if settings.ceilings is not None:
            self.ceilings = load_ceilings(settings.ceilings, settings.policies)
        self.shadow = None
        if settings.shadow is not None:
            self.shadow = Shadow(load_policy_set(settings.shadow).required(), mode)
        folder = PolicyDirectory(settings.policies)
        # Documents change in real time, whatever the pace of the market.
        self.watch = PolicyWatch(folder, policy_set.hash, SystemClock(), WATCH_S)
        self.disk = DirectoryDisk(settings.ledger)
        self.journal = Journal.open(self.disk, extent=Extent.NEWEST_SEGMENT)
        self.recovered = recover(self.journal.records())
        self.products = products_of(policy_set.deployment, recording.symbols)
        check_stream(self.recovered.state, policy_set.deployment, mode)

    def session(self) -> Session:
        """Put everything together and begin the ledger where it is new."""
        start = self._start()
        pace = self.settings.pace
        clock = VirtualClock(start) if pace is None else PacedClock(start, pace)
        timetable = self._timetable(clock)
        planned = sum(1 for _ in timetable.plan())
        timetable.skipped.clear()
        exchange = self._exchange(clock)
        desk = self._desk(clock, exchange)
        self._begin(desk, timetable.first)
        exchange.restore(*_memory(self.recovered))
        self._settle(desk)
        self._warm_up(desk, exchange, start)
        loop = Loop(
            desk=desk,
            feed=RecordedFeed(self.recording, clock, after=start),
            instants=timetable if pace is None else self._live(desk, next(timetable.plan(), start)),
            tick_s=None if pace is None else TICK_S * pace,
            commands=lambda: operator.take_commands(self.disk),
            sinks=(desk.market.on_event, exchange.on_event),
            tell=_silent,
            # In virtual time a run is over before anybody could review another set.
            watch=None if pace is None else self.watch.run,
        )
        most = self.settings.cycles
        return Session(
            settings=self.settings,
            policy_set=self.policy_set,
            mode=self.mode,
            recording=self.recording,
            desk=desk,
            planned=planned if most is None else min(planned, most),
            findings=self.journal.diagnostics,
            loop=loop,
            clock=clock,
            timetable=timetable,
            lock=self.lock,
        )

    def _start(self) -> UtcTime:
        """Just before the first cycle that is still to be run."""
        last = self.recovered.state.last_cycle
        if last is not None:
            return last
        first = self._timetable(VirtualClock(self.recording.first)).first
        return first.plus_s(-self.policy_set.schedule.interval)

    def _timetable(self, clock: VirtualClock | PacedClock) -> RecordedTimetable:
        return RecordedTimetable(
            self.policy_set.schedule,
            cycle_times(self.recording),
            clock,
            self.recovered.state.last_cycle,
        )

    def _live(self, desk: Desk, start: UtcTime) -> Instants:
        """On a paced clock cycles run as live: with jitter, and backing off when they are long."""
        return LiveTimetable(
            schedule=self.policy_set.schedule,
            clock=desk.clock,
            rng=SeededRng(self._seed("jitter")),
            start=start,
            last_cycle_s=lambda: desk.cycle_durations[-1] if desk.cycle_durations else 0.0,
            until=self.recording.last,
        )

    def _exchange(self, clock: VirtualClock | PacedClock) -> PaperExchange:
        deployment = self.policy_set.deployment
        fees = PaperFees(deployment.fees.maker_bps, deployment.fees.taker_bps)
        cash = self.recovered.state.genesis_cash or _cash(deployment)
        # What is shown at a decision is what it was decided on: only the next sample is news.
        rules = PaperRules(immediate=ImmediateFills.NEXT_SAMPLE)
        return PaperExchange(self.products, cash, fees, clock, rules)

    def _desk(self, clock: VirtualClock | PacedClock, exchange: PaperExchange) -> Desk:
        programme = Programme(self.policy_set, self.mode)
        sources, length = bar_sources(self.recording), bar_length_s(self.recording)
        series = programme.series | (self.shadow.series if self.shadow else frozenset())
        check_series(series, length)
        market = MarketView(series, sources, length)
        health = VenueHealth()
        desk = Desk(
            policy_set=self.policy_set,
            programme=programme,
            judge=Judge(self.policy_set, self.mode).prepare(),
            mode=self.mode,
            recorder=Recorder(self.journal, self.recovered.state),
            market=market,
            valuation=Valuation(self.policy_set.deployment, market),
            exchange=WatchedExchange(exchange, clock, health),
            health=health,
            drift_from=(clock.now(), clock.monotonic_s()),
            clock=clock,
            notifier=LogNotifier(),
            guarded=_unguarded,
            kill_switch=partial(operator.read_kill_switch, self.disk),
            lease_held=lambda: self.lock.held,
            products=self.products,
        )
        desk.guarded = partial(guarded, desk)
        if isinstance(clock, PacedClock):
            desk.lookups = Lookups(SeededRng(self._seed("lookups")))
        desk.ceilings = self.ceilings
        desk.shadow = self.shadow
        desk.policy_drifted = lambda: self.watch.drifted
        return desk

    def _begin(self, desk: Desk, first: UtcTime) -> None:
        """Genesis where the ledger is new, and the activation where the set is."""
        state = desk.state
        time = state.last_cycle or first
        if state.genesis is None:
            desk.recorder.record(RecordKind.GENESIS, time, self._genesis())
        held = None if desk.ceilings is None else desk.ceilings.hash
        if (state.policy_set, state.ceilings) != (self.policy_set.hash, held):
            body = {**activation_body(self.policy_set), **ceilings_body(desk.ceilings)}
            desk.recorder.record(RecordKind.SET_ACTIVATED, time, body)
        desk.recorder.sync()

    def _settle(self, desk: Desk) -> None:
        """Orders that a process died over before an answer was in the ledger never existed.

        True of this venue alone: what it remembers is what the ledger says that it answered.
        """
        known = self.recovered.venue.orders
        for order in list(desk.state.working.values()):
            if order.client_order_id not in known:
                body: Body = {
                    "intent": order.number,
                    "client_order_id": order.client_order_id,
                    "symbol": str(order.symbol),
                    "reason": "the process ended before the paper venue had answered",
                }
                desk.recorder.record(RecordKind.NOT_SEEN, order.created, body)
        desk.recorder.sync()

    def _genesis(self) -> Body:
        deployment = self.policy_set.deployment
        # A recording has one history: the nonce follows from what it is made of, so that two
        # processes write the same bytes. A live stream's nonce comes from the system.
        nonce = SeededRng(self._seed("nonce")).token_bytes(_NONCE_BYTES)
        body: Body = {
            "mode": self.mode.value,
            "account": deployment.account.name,
            "nonce": nonce.hex(),
            "cash": {name: written(units) for name, units in _cash(deployment).items()},
            "recording": self.recording.digest,
        }
        if self.recording.derived is not None:
            body["quotes"] = self.recording.derived.words
        return body

    def _seed(self, purpose: str) -> bytes:
        account = self.policy_set.deployment.account.name
        parts = (purpose, self.policy_set.hash, self.recording.digest, self.mode.value, account)
        return hashlib.sha256("\0".join(parts).encode()).digest()

    def _warm_up(self, desk: Desk, exchange: PaperExchange, start: UtcTime) -> None:
        """What came before the first cycle to run: known to the market, never traded again."""
        for received, event in self.recording.arrivals():
            if received > start:
                break
            desk.market.on_event(event)
            if desk.state.last_cycle is None:
                exchange.on_event(event)


def _cash(deployment: DeploymentSpec) -> dict[str, Decimal]:
    return dict(deployment.paper.cash) if deployment.paper is not None else {}


def _memory(recovered: Recovered) -> tuple[list[VenueOrder], list[Fill], dict[str, UtcTime]]:
    venue = recovered.venue
    return list(venue.orders.values()), venue.fills, venue.deadlines


def _silent(_this: Round) -> None:
    """Nobody listens yet."""


async def _unguarded(step: str, this: Round, work: Coroutine[object, object, None]) -> None:
    del step, this
    await work
