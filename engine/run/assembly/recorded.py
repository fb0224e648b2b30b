"""A run over a recording: its own time, its own market, and a paper venue in this process.

In: an opened stream and a recording. Out: `Session`. A recording has one history: the same set
over the same recording writes the same bytes, in another process too.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.environment import secret_sources
from engine.adapters.paper import ImmediateFills, PaperExchange, PaperFees, PaperRules
from engine.adapters.recorded import RecordedFeed
from engine.adapters.system.paced_clock import PacedClock
from engine.adapters.system.rng import SeededRng
from engine.adapters.system.virtual_clock import VirtualClock
from engine.cycle import operator
from engine.cycle.alerting.looking import Looking
from engine.cycle.loop import Loop
from engine.cycle.orders.searches import Lookups
from engine.cycle.timetable import LiveTimetable, RecordedTimetable
from engine.run.alerting import posting_of
from engine.run.assembly.beginning import begin, genesis_body, settle_forgotten
from engine.run.assembly.outfit import World, desk_of
from engine.run.market import bar_length_s, bar_sources, cycle_times, products_of
from engine.run.session import RecordedMarket, Session
from engine.simulation.terms import AS_RECORDED

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.adapters.recorded import Recording
    from engine.cycle.desk import Desk, Round
    from engine.cycle.loop import Instants
    from engine.kinds.deployment.document import DeploymentSpec
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime
    from engine.run.assembly.stream import Stream
    from engine.simulation.terms import Terms

TICK_S = 0.1
"""How often the clockwork looks when time is real."""


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """The parts of one run over a recording, in the order in which they need each other."""

    stream: Stream
    recording: Recording
    terms: Terms = AS_RECORDED

    def session(self) -> Session:
        """Put everything together and begin the ledger where it is new."""
        stream, start, pace = self.stream, self._start(), self.stream.settings.pace
        clock = VirtualClock(start) if pace is None else PacedClock(start, pace)
        timetable = self._timetable(clock)
        planned = sum(1 for _ in timetable.plan())
        timetable.skipped.clear()
        world, exchange = self._world(clock)
        desk = desk_of(stream, world)
        if pace is None:
            # No real time passes in it: what is behind in ours is not behind in its own.
            desk.ledger_lag_s = _none_behind
        begin(stream, desk, timetable.first, self._genesis)
        self._remember(desk, exchange)
        self._warm_up(desk, exchange, start)
        # In virtual time a run is over before anybody could hear of it, or review another set.
        posting = None if pace is None else posting_of(desk, secret_sources(None))
        loop = Loop(
            desk=desk,
            feed=RecordedFeed(self.recording, clock, after=start),
            instants=timetable if pace is None else self._live(desk, next(timetable.plan(), start)),
            tick_s=None if pace is None else TICK_S,
            commands=lambda: operator.take_commands(stream.disk),
            sinks=(desk.market.on_event, exchange.on_event),
            tell=_silent,
            beside=() if posting is None else (*stream.beside, posting.delivery.run),
        )
        if posting is not None:
            loop.beside += (Looking(desk, loop.between).run,)
        most = stream.settings.cycles
        return Session(
            settings=stream.settings,
            mode=stream.mode,
            desk=desk,
            planned=planned if most is None else min(planned, most),
            findings=(*stream.journal.diagnostics, *(posting.findings if posting else ())),
            loop=loop,
            clock=clock,
            lease=stream.lease,
            symbols=self.recording.symbols,
            market="a recording",
            recorded=RecordedMarket(self.recording, timetable, lambda: exchange.waits),
            hidden=posting.routes.hidden if posting else (),
            posting=posting,
            shared=stream.shared,
        )

    def _start(self) -> UtcTime:
        """Just before the first cycle that is still to be run."""
        last = self.stream.recovered.state.last_cycle
        if last is not None:
            return last
        first = self._timetable(VirtualClock(self.recording.first)).first
        return first.plus_s(-self.stream.policy_set.schedule.interval)

    def _timetable(self, clock: VirtualClock | PacedClock) -> RecordedTimetable:
        schedule, last = self.stream.policy_set.schedule, self.stream.recovered.state.last_cycle
        times, terms = cycle_times(self.recording), self.terms
        return RecordedTimetable(schedule, times, clock, last, terms.since, terms.until)

    def _live(self, desk: Desk, start: UtcTime) -> Instants:
        """On a paced clock cycles run as live: with jitter, and backing off when they are long."""
        return LiveTimetable(
            schedule=self.stream.policy_set.schedule,
            clock=desk.clock,
            rng=self._rng("jitter"),
            start=start,
            last_cycle_s=lambda: desk.cycle_durations[-1] if desk.cycle_durations else 0.0,
            until=self.recording.last,
        )

    def _world(self, clock: VirtualClock | PacedClock) -> tuple[World, PaperExchange]:
        deployment = self.stream.policy_set.deployment
        products = products_of(deployment, self.recording.symbols)
        exchange = PaperExchange(
            products,
            self.stream.recovered.state.genesis_cash or self._cash(),
            PaperFees(deployment.fees.maker_bps, deployment.fees.taker_bps),
            clock,
            # What is shown at a decision is what it was decided on: only the next sample is news.
            PaperRules(immediate=ImmediateFills.NEXT_SAMPLE, arrives_after_s=self.terms.latency_s),
        )
        paced = isinstance(clock, PacedClock)
        lookups = Lookups(self._rng("lookups")) if paced else Lookups()
        bars, length = bar_sources(self.recording), bar_length_s(self.recording)
        return World(clock, exchange, products, bars, length, lookups), exchange

    def _remember(self, desk: Desk, exchange: PaperExchange) -> None:
        venue = self.stream.recovered.venue
        exchange.restore(list(venue.orders.values()), venue.fills, venue.deadlines)
        settle_forgotten(desk, venue.orders)

    def _genesis(self) -> Body:
        # The nonce follows from what the history is made of, so that two processes write the same
        # bytes. A live stream's nonce comes from the system.
        body = genesis_body(self.stream, self._rng("nonce"), self._cash())
        body["recording"] = self.recording.digest
        if self.recording.derived is not None:
            body["quotes"] = self.recording.derived.words
        return body

    def _cash(self) -> dict[str, Decimal]:
        deployment, equity = self.stream.policy_set.deployment, self.terms.equity
        return lent(deployment) if equity is None else {deployment.numeraire: equity}

    def _rng(self, purpose: str) -> SeededRng:
        policy_set, mode = self.stream.policy_set, self.stream.mode.value
        account = policy_set.deployment.account.name
        parts = (purpose, policy_set.hash, self.recording.digest, mode, account)
        return SeededRng(hashlib.sha256("\0".join(parts).encode()).digest())

    def _warm_up(self, desk: Desk, exchange: PaperExchange, start: UtcTime) -> None:
        """What came before the first cycle to run: known to the market, never traded again."""
        for received, event in self.recording.arrivals():
            if received > start:
                break
            desk.market.on_event(event)
            if desk.state.last_cycle is None:
                exchange.on_event(event)


def lent(deployment: DeploymentSpec) -> dict[str, Decimal]:
    """What the paper venue lends."""
    return dict(deployment.paper.cash) if deployment.paper is not None else {}


def _none_behind() -> float:
    return 0.0


def _silent(_this: Round) -> None:
    """Nobody listens yet."""
