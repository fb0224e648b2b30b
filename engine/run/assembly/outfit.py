"""The desk of a run: one stream, and the world that it meets.

In: an opened stream; a clock, an exchange, products and bars. Out: the desk. Refuses (M449) a set
whose series cannot be made of the bars that this world has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from engine.cycle import operator
from engine.cycle.desk import Desk
from engine.cycle.health import VenueHealth, WatchedExchange
from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.market import MarketView
from engine.cycle.orders.searches import Lookups
from engine.cycle.records.recorder import Recorder
from engine.cycle.valuation import Valuation
from engine.run.refusals import check_series
from engine.run.session import guarded

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from engine.cycle.desk import Round
    from engine.cycle.market import SourceOf
    from engine.model.market import Product
    from engine.model.symbols import Symbol
    from engine.ports import Clock, Exchange
    from engine.run.assembly.stream import Stream


@dataclass(frozen=True, slots=True)
class World:
    """What runs differ in: whose time, whose orders, which products, which bars.

    `steady` says that its market is heard as it happens: then age has a clock of its own.
    """

    clock: Clock
    exchange: Exchange
    products: dict[Symbol, Product]
    bars: SourceOf
    bar_s: int
    lookups: Lookups = field(default_factory=Lookups)
    steady: bool = False


def desk_of(stream: Stream, world: World) -> Desk:
    """Everything that the steps of a cycle work with."""
    policy_set, clock, health = stream.policy_set, world.clock, VenueHealth()
    programme = Programme(policy_set, stream.mode)
    market = _market(stream, programme, world)
    desk = Desk(
        policy_set=policy_set,
        programme=programme,
        judge=Judge(policy_set, stream.mode).prepare(),
        mode=stream.mode,
        recorder=Recorder(stream.journal, stream.recovered.state),
        market=market,
        valuation=Valuation(policy_set.deployment, market),
        exchange=WatchedExchange(world.exchange, clock, health),
        health=health,
        drift_from=(clock.now(), clock.monotonic_s()),
        clock=clock,
        guarded=_unguarded,
        kill_switch=partial(operator.read_kill_switch, stream.disk),
        lease_held=lambda: stream.lease.held,
        products=world.products,
        ceilings=stream.ceilings,
        shadow=stream.shadow,
        lookups=world.lookups,
        policy_drifted=lambda: stream.watch.drifted,
    )
    desk.guarded = partial(guarded, desk)
    if stream.shared is not None:
        desk.ledger_lag_s = stream.shared.lag_s
    return desk


def _market(stream: Stream, programme: Programme, world: World) -> MarketView:
    series = programme.series | (stream.shadow.series if stream.shadow else frozenset())
    check_series(series, world.bar_s)
    steady = world.clock.monotonic_s if world.steady else None
    return MarketView(series, world.bars, world.bar_s, steady)


async def _unguarded(step: str, this: Round, work: Coroutine[object, object, None]) -> None:
    """Until the desk is there that failures are told to."""
    del step, this
    await work
