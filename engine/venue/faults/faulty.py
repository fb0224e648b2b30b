"""The passage in which things go wrong: it carries out what the plan says, request by request.

In: a plan, a clock, chance. Out: a `Passage` for the server. The venue behind it knows of nothing.
What arrives late, or a second time, arrives in a task of its own; `close` ends those that wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import orjson

from engine.venue.faults.balances import ACCOUNTS, Balances
from engine.venue.faults.kinds import Fault, FaultKind
from engine.venue.faults.lists import spoil_page
from engine.venue.faults.plan import Planner
from engine.venue.faults.products import Disturbed
from engine.venue.faults.replies import (
    SPOILT,
    json_reply,
    refusal,
    refused_order,
    taken_as,
    trouble,
)
from engine.venue.faults.routes import PREFIX, Route, route_of, without_prefix
from engine.venue.passage import HANG_UP, Asked, HangUp, Reply

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from engine.ports import Clock, Rng
    from engine.venue.faults.plan import FaultPlan
    from engine.venue.passage import Onward

_OK = 200
_DISTURBING = frozenset({FaultKind.PRODUCT_HALTED, FaultKind.PRECISION_CHANGED})


@dataclass(frozen=True, slots=True)
class Spoilt:
    """What went wrong with one request, for whoever checks a run afterwards."""

    number: int
    method: str
    path: str
    fault: Fault

    def line(self) -> bytes:
        """The same as a line of JSON."""
        told = {
            "number": self.number,
            "method": self.method,
            "path": self.path,
            "fault": self.fault.kind.value,
            "status": self.fault.status,
            "effect": self.fault.effect.value,
        }
        return orjson.dumps(told) + b"\n"


Note = Callable[[Spoilt], None]
"""Whoever keeps what went wrong."""


def unnoted(_spoilt: Spoilt) -> None:
    """Kept by nobody."""


@dataclass(slots=True)
class FaultyPassage:
    """Carries out a plan; `note` hears of every fault in the order of the requests."""

    plan: FaultPlan
    clock: Clock
    rng: Rng
    note: Note = unnoted
    _planner: Planner = field(init=False)
    _disturbed: Disturbed = field(default_factory=Disturbed)
    _orders: list[str] = field(default_factory=list)
    _balances: Balances = field(default_factory=Balances)
    _later: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._planner = Planner(self.plan)

    async def __call__(self, asked: Asked, onward: Onward) -> Reply | HangUp:
        """Answer a request, or spoil it."""
        fault = self._planner.fault_for(asked.method, asked.path, asked.body)
        if fault is None:
            return await self._answer(asked, onward)
        self.note(Spoilt(self._planner.number, asked.method, asked.path, fault))
        if fault.kind in _DISTURBING:
            product = fault.product or str(_json(asked.body).get("product_id", ""))
            self._disturbed.begin(product, fault, self.clock.now())
            return await self._answer(asked, onward)
        return await self._spoilt(asked, onward, fault)

    async def close(self) -> None:
        """End whatever has not arrived yet."""
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)

    async def _spoilt(self, asked: Asked, onward: Onward, fault: Fault) -> Reply | HangUp:
        told = await self._answer(asked, onward) if fault.delivered else None
        match fault.kind:
            case FaultKind.REQUEST_LOST | FaultKind.RESPONSE_LOST:
                return await self._hang_up(fault)
            case FaultKind.LATE_ARRIVAL:
                self._start(self._arrive(asked, onward, fault.delay_s))
                return await self._hang_up(fault)
            case FaultKind.STATUS:
                return trouble(fault)
            case FaultKind.SUCCESS_FALSE:
                return refusal(route_of(asked.method, asked.path), fault, _json(asked.body))
            case FaultKind.OTHER_ORDER:
                return await self._other(asked, onward)
            case _:
                assert told is not None  # noqa: S101 - INVARIANT: whatever is left was delivered
                return await self._changed(asked, onward, fault, told)

    async def _changed(self, asked: Asked, onward: Onward, fault: Fault, told: Reply) -> Reply:
        """The venue's own answer, after what the fault does to it."""
        if fault.kind is FaultKind.DUPLICATE_DELIVERY:
            self._start(self._arrive(asked, onward, fault.delay_s))
            return told
        if fault.kind is FaultKind.SLOW_DRIP:
            return replace(told, over_s=fault.delay_s)
        if fault.kind in SPOILT:
            return SPOILT[fault.kind](told)
        if fault.kind is FaultKind.LIST_LAG and without_prefix(asked.path) == ACCOUNTS:
            return self._balances.before(asked, self.clock.now().plus_s(-fault.lag_s))
        return spoil_page(told, fault, self.rng, self.clock.now())

    async def _hang_up(self, fault: Fault) -> HangUp:
        await self._sleep(fault.hold_s)
        return HANG_UP

    async def _arrive(self, asked: Asked, onward: Onward, after_s: float) -> None:
        await self._sleep(after_s)
        await self._answer(asked, onward)

    async def _answer(self, asked: Asked, onward: Onward) -> Reply:
        """The venue's own answer, to which a disturbed product is disturbed."""
        now, order = self.clock.now(), route_of(asked.method, asked.path) is Route.ORDER
        if order and self._disturbed.any(now):
            word = await self._refusal(asked, onward)
            if word is not None:
                return json_reply(_OK, refused_order(word, _json(asked.body)))
        told = await onward(asked)
        if order:
            self._note(told)
        elif without_prefix(asked.path) == ACCOUNTS:
            self._balances.note(asked, told, now)
        elif asked.method == "GET" and self._disturbed.any(now):
            return self._disturbed.in_reply(told, without_prefix(asked.path), now)
        return told

    async def _refusal(self, asked: Asked, onward: Onward) -> str | None:
        request = _json(asked.body)
        product = str(request.get("product_id", ""))
        told = await onward(Asked("GET", f"{PREFIX}/market/products/{product}"))
        return self._disturbed.refuses(request, _json(told.body), self.clock.now())

    def _note(self, told: Reply) -> None:
        told_id = _json(told.body).get("success_response")
        if isinstance(told_id, dict):
            self._orders.append(str(told_id.get("order_id", "")))

    async def _other(self, asked: Asked, onward: Onward) -> Reply:
        """Without an order of before there is none to be named: the request goes its way."""
        if not self._orders:
            return await self._answer(asked, onward)
        return taken_as(self._orders[0], _json(asked.body))

    async def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            await self.clock.sleep_until(self.clock.now().plus_s(seconds))

    def _start(self, arriving: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(arriving)
        self._later.add(task)
        task.add_done_callback(self._later.discard)


def _json(body: bytes) -> dict[str, object]:
    """The object that a body is; an empty one where it is none."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
