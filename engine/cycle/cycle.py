"""One cycle: the ordered steps, from the gate to the cycle record.

In: the desk. Out: a `Round` that tells what was seen, decided and sent. A failure outside the
exit path ends that step, and is noted, counted and recorded (`Desk.guarded`); one inside it
leaves this function, and the loop halts with its reason. Neither is swallowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.desk import Round
from engine.cycle.facts.position import Holdings
from engine.cycle.orders import following, intents
from engine.cycle.proposing import python
from engine.cycle.steps import (
    alerts,
    breakers,
    exits,
    flows,
    liquidating,
    plans,
    reconcile,
    snapshot,
    strategies,
    universe,
    upkeep,
    venue,
)
from engine.cycle.steps.maintenance import open_window
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.numbers import canonical_number

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.cycle.steps.exits import Mark
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime

_KEPT_DURATIONS = 100
_SYNC_EVERY = 60


async def run(desk: Desk, now: UtcTime) -> Round:
    """Run one cycle that is due at `now`; its facts use one reading of the clock, `Round.now`."""
    started = desk.clock.monotonic_s()
    this = Round(desk.state.cycle + 1, now, killed=desk.kill_switch())
    this.universe = dict(desk.state.universe)
    this.resting = desk.resting()
    this.maintenance = open_window(desk.policy_set.schedule, now)
    with desk.stages.cycle(this.number):
        await _run(desk, this)
    _note_duration(desk, desk.clock.monotonic_s() - started)
    return this


async def _run(desk: Desk, this: Round) -> None:
    stage = desk.stages.stage
    with stage("account"):
        await _account(desk, this)
    with stage("facts"):
        snapshot.take(desk, this)
    as_of = desk.recorder.moved
    with stage("breakers"):
        breakers.run(desk, this)
        await following.cancel_for_breakers(desk, this.now)
    with stage("exits"):
        plans.run(desk, this)
        marks = exits.marks(desk, this)
        await intents.place_exits(desk, this, exits.run(desk, this, marks))
    with stage("entries"):
        await desk.guarded("entries", this, _enter(desk, this, marks))
        await intents.follow_exits(desk, this)
    with stage("alerts"):
        # The same ledger says the same again, and most cycles write nothing that moves it.
        if desk.recorder.moved is not as_of:
            _refresh(desk, this)
        await desk.guarded("alerts", this, alerts.run(desk, this))
    _close(desk, this, marks)


async def _account(desk: Desk, this: Round) -> None:
    """What the venue says of the account and of itself."""
    flows.revalue(desk, this.now)
    await reconcile.run(desk, this.now)
    await venue.look(desk, this.now)
    # Their answers may have taken seconds: a quote that came meanwhile is not from the future, and
    # a stop must see it.
    this.now = max(this.now, desk.clock.now())
    if desk.unread is not None:
        this.notes.append(desk.unread)
    flows.settle(desk, this.now)


async def _enter(desk: Desk, this: Round, marks: dict[str, Mark]) -> None:
    universe.run(desk, this)
    await intents.place_upkeep(desk, this, upkeep.run(desk, this, marks))
    await intents.follow_entries(desk, this)
    await python.run(desk, this)
    proposals = strategies.run(desk, this)
    await intents.place_entries(desk, this, proposals)
    await intents.follow_entries(desk, this)


def _refresh(desk: Desk, this: Round) -> None:
    """Alerts see what this cycle has done."""
    this.tell_account(snapshot.ledger_account_facts(desk, this))
    holdings = Holdings(desk.state, desk.valuation, this.now)
    for symbol in this.symbols:
        this.tell(symbol, holdings.facts(symbol))


def _close(desk: Desk, this: Round, marks: dict[str, Mark]) -> None:
    equity = desk.valuation.equity(desk.state)
    body: Body = {
        "cycle": this.number,
        "policy_set": desk.policy_set.hash,
        "state": breakers.trading_state(desk, this),
        "regime": str(this.account["regime.name"]),
        "equity_usd": None if equity is None else canonical_number(equity),
        "universe": {**this.universe_changes},
        "marks": {name: mark.body() for name, mark in marks.items()},
        "blockers": {str(symbol): str(why) for symbol, why in this.blockers.items()},
        "undecided_breakers": [*sorted({name for name, _ in this.undecided_breakers})],
        "broken_invariants": {**this.broken_invariants},
        "notes": [*this.notes],
    }
    flat = liquidating.finished(desk)
    if flat:
        body["liquidated"] = [*flat]
    if desk.shadow is not None:
        body["shadow"] = desk.shadow.policy_set.hash
    if this.overdue or desk.state.overdue:
        body["overdue"] = upkeep.overdue_body(this.overdue)
    if desk.comparing.covered == this.now:
        body["scanned"] = str(this.now)
    if desk.state.nav.flowed:
        body["flowed_usd"] = bodies.written(desk.valuation.flowed(desk.state))
    desk.recorder.record(RecordKind.CYCLE, this.now, body)
    # A quiet cycle's record may wait: until something happens, its loss would lose nothing.
    if this.eventful or this.number % _SYNC_EVERY == 0:
        desk.recorder.sync()


def _note_duration(desk: Desk, seconds: float) -> None:
    desk.cycle_durations.append(seconds)
    del desk.cycle_durations[:-_KEPT_DURATIONS]
