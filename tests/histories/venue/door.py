"""The venue at the HTTP door: the real adapter's requests, answered in status, headers and bytes.

In: requests as `engine.adapters.coinbase.rest` makes them. Out: `Answer`, or `NotSentError` and
`LostError`, after as much virtual time as they take. What goes wrong on the way is decided here;
what the venue then does is the book's.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
from histories.faults import OF_REQUESTS, Fault
from histories.plan import Point
from histories.venue import bodies
from histories.venue.book import RefusedError
from histories.venue.lists import Lists

from engine.adapters.coinbase.rest import PREFIX
from engine.adapters.http import Answer, HeldBackError, LostError, NotSentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from histories.chance import Chance
    from histories.venue.book import Book
    from histories.world import World

    from engine.ports import Gate

READ_S, CONNECT_S, WHOLE_S = 10.0, 3.0, 30.0
_LATEST_S = 120.0
_OK = 200
# Of ten requests one is an order, and what an order meets is what matters.
_ORDERS_FAIL = 2.5
_CONNECTS_RATIO, _ORDER_CONNECTS_RATIO = 0.1, 0.9
_STATUSES = {
    Fault.STATUS_400: (400,),
    Fault.STATUS_401: (401,),
    Fault.STATUS_403: (403,),
    Fault.STATUS_429: (429,),
    Fault.STATUS_429_RETRY_AFTER: (429,),
    Fault.STATUS_500_BEFORE: (500,),
    Fault.STATUS_500_AFTER: (500,),
    Fault.STATUS_502: (502, 503, 504),
}
_NO_EFFECT = {
    Fault.STATUS_400,
    Fault.STATUS_401,
    Fault.STATUS_403,
    Fault.STATUS_429,
    Fault.STATUS_429_RETRY_AFTER,
    Fault.STATUS_500_BEFORE,
}
_MAY_LIE = {Fault.STATUS_400, Fault.STATUS_401, Fault.STATUS_403}
_SPOILT = {Fault.BODY_TRUNCATED, Fault.BODY_GARBAGE, Fault.BODY_HTML}
_OF_ORDERS = {Fault.REFUSED, Fault.REFUSED_STRANGELY, Fault.OTHER_ORDER}
_HTML = b"<html><body>Bad gateway. You sent: %s</body></html>"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    body: dict[str, object]
    token: str

    @property
    def lists_orders(self) -> bool:
        """Whether it asks for orders or fills."""
        return self.path.startswith("/orders/historical")

    @property
    def places_order(self) -> bool:
        """Whether it is an order: the one request that may never be repeated."""
        return self.method == "POST" and self.path == "/orders"


@dataclass(slots=True)
class Door:
    """Has the shape of `engine.adapters.http.HttpClient`."""

    world: World
    book: Book
    chance: Chance
    lists: Lists = field(init=False)
    next_faults: list[Fault] = field(default_factory=list)
    _on: dict[bool, list[Fault]] = field(init=False)

    def __post_init__(self) -> None:
        on = [each for each in OF_REQUESTS if each in self.world.plan.faults]
        self._on = {True: on, False: [each for each in on if each not in _OF_ORDERS]}
        self.lists = Lists(self.world.plan, self.book, self.chance, lambda: self.world.healed)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        headers: Mapping[str, str],
        gate: Gate | None = None,
    ) -> Answer:
        """Send once; raises `NotSentError` or `LostError`, and asks the gate at the last moment."""
        told = {} if body is None else orjson.loads(body)
        token = headers.get("authorization", "")
        asked = Asked(method, path.removeprefix(PREFIX), dict(query), told, token)
        began_ns = self.world.now_ns()
        await self._connect(asked)
        if gate is not None and (reason := gate()) is not None:
            raise HeldBackError(reason)
        self.world.watch.leaves(asked, began_ns)
        # What strikes from here on strikes between the last look and the wire: nobody could see it.
        self.world.point(Point.ORDER_LEAVES if asked.places_order else Point.REQUEST_LEAVES)
        answer = await self._sent(asked, self._fault(asked))
        self.world.point(Point.ORDER_ARRIVED if asked.places_order else Point.ANSWER_COMES)
        return answer

    async def _connect(self, asked: Asked) -> None:
        """A handshake now and then, which takes as long as an answer."""
        if self.chance.happens(_ORDER_CONNECTS_RATIO if asked.places_order else _CONNECTS_RATIO):
            await self._wait(self.world.plan.latency_s)
            connecting = Point.ORDER_CONNECTS if asked.places_order else Point.CONNECTING
            self.world.point(connecting)

    def _fault(self, asked: Asked) -> Fault | None:
        plan = self.world.plan
        # Before the queue is looked at: one for an order waits there until an order is placed.
        if self.world.healed:
            return None
        if self.next_faults and (asked.places_order or self.next_faults[0] not in _OF_ORDERS):
            return self.next_faults.pop(0)
        ratio = plan.failing_ratio * (_ORDERS_FAIL if asked.places_order else 1.0)
        if not (self._dark(asked) or self.chance.happens(ratio)):
            return None
        on = self._on[asked.places_order]
        return self.chance.choice(on) if on else None

    def _dark(self, asked: Asked) -> bool:
        begins_s, ends_s = self.world.plan.dark
        return asked.lists_orders and begins_s <= self.world.seconds() < ends_s

    async def _sent(self, asked: Asked, fault: Fault | None) -> Answer:
        if fault is not None:
            self.world.tell(f"fault {asked.method} {asked.path}: {fault.value}")
        match fault:
            case None:
                answer = self._effect(asked)
                await self._wait(self.world.plan.latency_s)
                return answer
            case Fault.NO_CONNECTION:
                await self._wait(CONNECT_S)
                raise NotSentError(fault.name)
            case Fault.REQUEST_LOST:
                await self._wait(READ_S)
                raise LostError(fault.name)
            case Fault.LATE_ARRIVAL:
                late_s = READ_S + self.chance.between(1.0, _LATEST_S)
                self.world.later(late_s, lambda: self._late(asked))
                await self._wait(READ_S)
                raise LostError(fault.name)
            case Fault.RESPONSE_LOST:
                self._effect(asked)
                await self._wait(READ_S)
                raise LostError(fault.name)
            case Fault.SLOW_DRIP:
                self._effect(asked)
                await self._wait(WHOLE_S)
                raise LostError(fault.name)
            case Fault.DELIVERED_TWICE:
                answer = self._effect(asked)
                if self.chance.happens(0.5):
                    answer = self._effect(asked)
                else:
                    self.world.later(self.chance.between(0.1, 5.0), lambda: self._late(asked))
                return answer
            case _:
                await self._wait(self.world.plan.latency_s)
                return self._spoilt(asked, fault)

    def _late(self, asked: Asked) -> None:
        answer = self._effect(asked)
        self.world.tell(f"late {asked.method} {asked.path}: {answer.status}")

    async def _wait(self, seconds: float) -> None:
        """Let it take its time; a process that ends meanwhile does not come back from here."""
        if seconds > 0:
            await asyncio.sleep(seconds)

    def _spoilt(self, asked: Asked, fault: Fault) -> Answer:
        if fault in _STATUSES:
            return self._status(asked, fault)
        if fault is Fault.REFUSED:
            return _json(bodies.refused_fields("INVALID_REQUEST"))
        if fault is Fault.REFUSED_STRANGELY:
            if self.chance.happens(0.5):
                self._effect(asked)
            return _json(bodies.refused_fields("COSMIC_RAY"))
        if fault is Fault.OTHER_ORDER:
            return self._other(asked)
        body = self._effect(asked).body
        if fault is Fault.BODY_TRUNCATED:
            return Answer(_OK, {}, body[: len(body) // 2])
        return Answer(
            _OK, {}, _HTML % asked.token.encode() if fault is Fault.BODY_HTML else b"\x00"
        )

    def _status(self, asked: Asked, fault: Fault) -> Answer:
        """A status; its body repeats what was sent, secrets too, as careless servers do."""
        if self._takes_effect(fault):
            self._effect(asked)
        headers = {}
        if fault is Fault.STATUS_429_RETRY_AFTER:
            wait_s = self.chance.whole(1, 20)
            headers = {"retry-after": str(wait_s)}
            self.world.watch.told_to_wait(wait_s)
        status = self.chance.choice(_STATUSES[fault])
        return Answer(status, headers, _HTML % asked.token.encode())

    def _takes_effect(self, fault: Fault) -> bool:
        """A 4xx may come of an order that stands, as long as the list then shows it at once."""
        if fault in _NO_EFFECT:
            honest = not self.world.plan.faults & {Fault.LIST_LAG, Fault.PAGES_MISSING}
            return honest and fault in _MAY_LIE and self.chance.happens(0.3)
        return fault is not Fault.STATUS_502 or self.chance.happens(0.5)

    def _other(self, asked: Asked) -> Answer:
        """The venue answers with an order that stood there before."""
        others = list(self.book.orders)
        if not others:
            return self._effect(asked)
        newest = self.chance.happens(0.5)
        other = self.book.current(others[-1] if newest else self.chance.choice(others))
        assert other is not None
        return _json(bodies.taken_fields(other, asked.body))

    # What the venue does when a request has arrived

    def _effect(self, asked: Asked) -> Answer:
        route = _ROUTES.get((asked.method, asked.path))
        if route is not None:
            return route(self, asked)
        # The older interface: nothing is ever paid in or out of this account.
        moves = asked.path.startswith("/v2/accounts/")
        return _json({"pagination": {"next_uri": ""}, "data": []}) if moves else self._order(asked)

    def _place(self, asked: Asked) -> Answer:
        try:
            order = self.book.enter(str(asked.body["client_order_id"]), asked.body)
        except RefusedError as refused:
            self.world.tell(f"venue refuses {asked.body['client_order_id']}: {refused}")
            self.world.watch.refused(asked, str(refused))
            return _json(bodies.refused_fields(str(refused)))
        return _json(bodies.taken_fields(order, asked.body))

    def _cancel(self, asked: Asked) -> Answer:
        named = asked.body["order_ids"]
        assert isinstance(named, list)
        after_s = 0.0 if self.world.healed else self.chance.choice((0.0, 0.0, 3.0))
        results = []
        for order_id in named:
            done = self.book.cancel(order_id, after_s)
            reason = "UNKNOWN_CANCEL_FAILURE_REASON" if done else "UNKNOWN_CANCEL_ORDER"
            results.append({"success": done, "failure_reason": reason, "order_id": order_id})
        return _json({"results": results})

    def _order(self, asked: Asked) -> Answer:
        shown = self.lists.order(asked.path.rpartition("/")[2])
        if shown is None:
            return Answer(404, {}, b'{"error":"NOT_FOUND"}')
        return _json({"order": shown})

    def _orders(self, asked: Asked) -> Answer:
        return _json(self.lists.orders(asked.query))

    def _fills(self, asked: Asked) -> Answer:
        return _json(self.lists.fills(asked.query))

    def _accounts(self, asked: Asked) -> Answer:
        return _json(self.lists.accounts(asked.query))

    def _products(self, _asked: Asked) -> Answer:
        listed = [bodies.product_fields(each) for each in self.book.listings.values()]
        return _json({"products": listed, "num_products": len(listed)})

    def _time(self, _asked: Asked) -> Answer:
        ns = self.book.now_ns() + self.lists.skew_ns
        return _json({"epochMillis": str(ns // 1_000_000), "epochSeconds": str(ns // 10**9)})


_ROUTES: dict[tuple[str, str], Callable[[Door, Asked], Answer]] = {
    ("POST", "/orders"): Door._place,
    ("POST", "/orders/batch_cancel"): Door._cancel,
    ("GET", "/orders/historical/batch"): Door._orders,
    ("GET", "/orders/historical/fills"): Door._fills,
    ("GET", "/accounts"): Door._accounts,
    ("GET", "/products"): Door._products,
    ("GET", "/time"): Door._time,
}


def _json(fields: dict[str, object]) -> Answer:
    return Answer(_OK, {}, orjson.dumps(fields))
