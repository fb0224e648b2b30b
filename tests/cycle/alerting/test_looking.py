"""A look between cycles: what trips and fires is known at once, and nothing is traded."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from cycle.alerting.test_delivery import ROUTES
from cycle.small_sets import alert, breaker
from cycle.trading_desk import Bench, bench, done

from engine.cycle.alerting import looking
from engine.cycle.alerting.looking import Looking, look
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pytest

STOP = breaker("stop", "engine.kill_switch")
TOLD = alert("told", "breaker.stop.tripped")


def kinds(made: Bench) -> list[RecordKind]:
    """The kinds of what was recorded after the genesis."""
    return [each.kind for each in made.journal.records()][1:]


def test_what_trips_between_cycles_is_told_then() -> None:
    """The breaker latches, its alert fires, and the ledger holds no cycle, decision or intent."""
    made = bench(ROUTES, STOP, TOLD)
    made.quote()
    made.killed = "a test"
    this = done(look(made.desk))
    assert (this.tripped, this.fired) == (["stop"], ["told"])
    assert kinds(made) == [RecordKind.BREAKER_TRIPPED, RecordKind.ALERT]
    assert made.journal.durable_sequence == 3


def test_a_quiet_look_writes_nothing() -> None:
    """Most of them see what the last cycle saw."""
    made = bench(ROUTES, STOP, TOLD)
    made.quote()
    done(look(made.desk))
    assert kinds(made) == []


def test_looks_begin_with_the_first_cycle_and_end_with_their_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before it no account was read; and a set without `alerting` wants none."""
    looks: list[str] = []
    pauses: list[float] = []

    async def between(step: Callable[[], Awaitable[None]]) -> None:
        await step()
        looks.append("looked")

    async def story() -> None:
        made = bench(ROUTES, STOP, TOLD)
        made.quote()

        async def slept(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                made.desk.cycle_durations.append(0.1)
            if len(pauses) == 5:
                made.desk.policy_set = bench(STOP, TOLD).policy_set
            if len(pauses) == 7:
                raise asyncio.CancelledError

        monkeypatch.setattr(looking.asyncio, "sleep", slept)
        await Looking(made.desk, between).run()

    with suppress(asyncio.CancelledError):
        asyncio.run(story())
    assert pauses == [2, 2, 2, 2, 2, 1, 1]
    # The fifth pause was of the set that was in force when it began.
    assert len(looks) == 3
