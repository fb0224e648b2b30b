"""A run in real time: the market of a venue, and orders that fill here or there.

In: an opened stream, the way to a venue. Out: `Session`. The chain was verified and its unknown
orders loaded before the venue is asked for anything; the first step of the first cycle reconciles,
and nothing is entered before it has. Refuses what `arrival` and `selection` refuse.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.adapters.coinbase.bars import MinuteBars
from engine.adapters.environment import secret_sources
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SystemRng
from engine.cycle import operator
from engine.cycle.alerting.looking import Looking
from engine.cycle.keys import KeyWatch
from engine.cycle.listening import listen
from engine.cycle.loop import Loop
from engine.cycle.orders.searches import Lookups
from engine.cycle.tightening.values import TightenedValues
from engine.cycle.timetable import LiveTimetable
from engine.cycle.watching.beat import Beat
from engine.model.times import NS_PER_S, UtcTime
from engine.run.alerting import answers_for, posting_of, record_tests
from engine.run.assembly.beginning import begin, genesis_body, settle_forgotten
from engine.run.assembly.outfit import World, desk_of
from engine.run.assembly.recorded import TICK_S, lent
from engine.run.real_time.arrival import Arriving
from engine.run.real_time.door import VenueDoor
from engine.run.real_time.paper import LivePaper
from engine.run.real_time.selection import watched
from engine.run.reloading.checking import Run, reloads_of
from engine.run.session import Session
from engine.run.settings import ReloadWhen
from engine.run.summarising import summaries_of
from engine.run.tightening import make_of
from engine.series import BASE_S, BarSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.cycle.desk import Desk, Round
    from engine.cycle.loop import Sink
    from engine.cycle.reloading.reloads import Reloads
    from engine.ledger.bodies import Body
    from engine.model.market import Bar, Product
    from engine.model.symbols import Symbol
    from engine.ports import Clock, Exchange
    from engine.run.alerting import Answers, Posting
    from engine.run.assembly.stream import Stream
    from engine.run.real_time.approach import Approach
    from engine.run.real_time.arrival import Arrival


@dataclass(frozen=True, slots=True)
class RealTimeRun:
    """The parts of one run in real time, in the order in which they need each other."""

    stream: Stream
    approach: Approach

    def session(self) -> Session:
        """Ask the venue, put everything together, and begin the ledger where it is new."""
        stream, clock = self.stream, SystemClock()
        arrival = self._arrival(clock)
        named = stream.settings.venue.products
        symbols = watched(stream.policy_set, arrival.listed, named, stream.recovered.state)
        door = self._door(clock)
        products = _products(arrival, symbols)
        exchange = self._exchange(door, products)
        answers = self._tested()
        desk = self._desk(clock, exchange, products, arrival)
        # First of all: what a beginning has to tell waits for its routes as well.
        posting = posting_of(desk, secret_sources(stream.settings.venue.secrets))
        begin(stream, desk, clock.now(), partial(self._genesis, arrival))
        record_tests(desk, answers)
        if isinstance(exchange, LivePaper):
            self._remember(desk, exchange)
        return Session(
            settings=stream.settings,
            mode=stream.mode,
            desk=desk,
            planned=stream.settings.cycles,
            findings=(*stream.journal.diagnostics, *posting.findings),
            loop=self._loop(desk, door, exchange, symbols, posting),
            clock=clock,
            lease=stream.lease,
            shared=stream.shared,
            symbols=symbols,
            market=self.approach.name,
            close=door.close,
            hidden=(*self._hidden, *posting.routes.hidden),
            posting=posting,
        )

    @property
    def _hidden(self) -> tuple[str, ...]:
        return () if self.approach.key is None else self.approach.key.hidden

    def _tested(self) -> Answers:
        """Whom critical alerts reach, found out before the first record: live, somebody."""
        stream = self.stream
        secrets = secret_sources(stream.settings.venue.secrets)
        known = stream.recovered.state.telling.tests
        return answers_for(stream.policy_set, secrets, known, stream.mode)

    def _arrival(self, clock: Clock) -> Arrival:
        last = self.stream.journal.last
        last_record = None if last is None else last.time
        arriving = Arriving(self._door(clock), self.stream.policy_set, last_record)
        return asyncio.run(arriving.look())

    def _door(self, clock: Clock) -> VenueDoor:
        return VenueDoor(self.approach.address, clock, SystemRng(), self.approach.key)

    def _exchange(self, door: VenueDoor, products: dict[Symbol, Product]) -> Exchange:
        """The account over sockets where there is a key; else one that fills in this process."""
        if self.approach.key is not None:
            return door.exchange()
        deployment = self.stream.policy_set.deployment
        cash = self.stream.recovered.state.genesis_cash or lent(deployment)
        return LivePaper(door.market(), products, cash, deployment.fees, door.clock)

    def _desk(
        self, clock: Clock, exchange: Exchange, products: dict[Symbol, Product], arrival: Arrival
    ) -> Desk:
        lookups = Lookups(SystemRng())
        # Bars come finished: from the venue's candles, or from its tape (`adapters.coinbase.bars`).
        world = World(
            clock=clock,
            exchange=exchange,
            products=products,
            bars=lambda _: BarSource.RECORDED,
            bar_s=BASE_S,
            lookups=lookups,
            steady=True,
        )
        desk = desk_of(self.stream, world)
        desk.attended = True
        key = self.approach.key
        if key is not None:
            desk.secret_created = lambda: key.created
            # It was looked at a moment ago, or nobody would have come this far.
            desk.key = KeyWatch(arrival.fees, clock.now())
        return desk

    def _loop(
        self,
        desk: Desk,
        door: VenueDoor,
        exchange: Exchange,
        symbols: Sequence[Symbol],
        posting: Posting,
    ) -> Loop:
        feed = door.feed(symbols)
        sinks: tuple[Sink, ...] = (desk.market.on_event,)
        if isinstance(exchange, LivePaper):
            sinks += (exchange.on_event,)
        bars = MinuteBars(
            market=door.market(),
            symbols=symbols,
            clock=desk.clock,
            warm_up_s=desk.market.warm_up_s,
            tape_since=lambda: feed.tape_since,
            tell=partial(_tell, sinks),
        )
        instants = self._instants(desk)
        reloads = self._reloads(desk, symbols)
        reloads.reviewers.append(self.stream.watch.follow)
        reloads.followers += [
            lambda taken: instants.follow(taken.schedule),
            lambda taken: posting.routes.follow(taken.deployment),
        ]
        tightened = desk.tightened = TightenedValues(desk, reloads, make_of(desk))
        loop = Loop(
            desk=desk,
            feed=feed,
            instants=instants,
            tick_s=TICK_S,
            commands=lambda: operator.take_commands(self.stream.disk),
            sinks=(bars.on_event, *sinks),
            tell=_silent,
            beside=(*self.stream.beside, reloads.run, bars.run, posting.delivery.run),
            beat=Beat(self.stream.disk).touch,
        )
        summaries = summaries_of(desk, self.stream.settings.ledger)
        loop.beside += (tightened.run, summaries.run, Looking(desk, loop.between).run)
        channel = door.channel()
        if channel is not None:
            loop.beside += (partial(listen, desk, channel, loop.between),)
        return loop

    def _reloads(self, desk: Desk, symbols: Sequence[Symbol]) -> Reloads:
        """How another set is taken; the watch tells of commits where the run follows them."""
        stream = self.stream
        settled = Run(
            settings=stream.settings,
            mode=stream.mode,
            symbols=frozenset(symbols),
            bar_s=BASE_S,
            shared=stream.shared is not None,
        )
        reloads = desk.reloads = reloads_of(settled, desk, stream.reviewed)
        stream.watch.told = reloads
        stream.watch.follows = stream.settings.reload is ReloadWhen.COMMITTED
        return reloads

    def _instants(self, desk: Desk) -> LiveTimetable:
        schedule = self.stream.policy_set.schedule
        step = schedule.interval * NS_PER_S
        return LiveTimetable(
            schedule=schedule,
            clock=desk.clock,
            rng=SystemRng(),
            start=UtcTime(-(-desk.clock.now().ns // step) * step),
            last_cycle_s=lambda: desk.cycle_durations[-1] if desk.cycle_durations else 0.0,
        )

    def _genesis(self, arrival: Arrival) -> Body:
        cash = arrival.balances
        if cash is None:
            cash = lent(self.stream.policy_set.deployment)
        return {**genesis_body(self.stream, SystemRng(), cash), "venue": self.approach.name}

    def _remember(self, desk: Desk, exchange: LivePaper) -> None:
        venue = self.stream.recovered.venue
        exchange.restore(list(venue.orders.values()), venue.fills, venue.deadlines)
        settle_forgotten(desk, venue.orders)


def _products(arrival: Arrival, symbols: Sequence[Symbol]) -> dict[Symbol, Product]:
    listed = {each.product.symbol: each.product for each in arrival.listed}
    return {each: listed[each] for each in symbols}


def _tell(sinks: tuple[Sink, ...], bar: Bar) -> None:
    for each in sinks:
        each(bar)


def _silent(_this: Round) -> None:
    """Nobody listens yet."""
