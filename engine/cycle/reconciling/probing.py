"""The probe: what a venue does with a client order id that it has seen before.

In: the venue's port, the probe's own door, an order that cannot hurt, two ids. Out: findings. It
posts the same id twice, with another size, and after a cancel; an id that is no UUID; and measures
how long the list takes to show an order. Whatever happens, everything it made is cancelled, and
what could not be cancelled is named; it ends by itself as well.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from engine.model.probing import ProbeFindings, Repeated
from engine.ports import VenueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.orders import VenueOrder
    from engine.model.probing import ProbeOrder
    from engine.ports import Clock, Exchange

_STEP_S = 0.25
_MARGIN_S = -60.0


class ProbeDoor(Protocol):
    """Takes probes only; an exchange takes approved orders only. Neither takes the other's."""

    async def post(self, order: ProbeOrder, client_order_id: str) -> str | None:
        """Post once: the venue's order id, or None where it refused. May raise `VenueError`."""
        ...


@dataclass(slots=True)
class Probe:
    """One probe. `uuid` is asked about, `plain` is no UUID; each wait ends after `patience_s`."""

    exchange: Exchange
    door: ProbeDoor
    clock: Clock
    order: ProbeOrder
    uuid: str
    plain: str
    patience_s: float
    _lag_s: float | None = None
    _made: set[str] = field(default_factory=set)

    async def run(self) -> ProbeFindings:
        """Ask everything; what the venue would not tell is unclear."""
        same = other = after = Repeated.UNCLEAR
        plain: bool | None = None
        left: tuple[str, ...] = ()
        try:
            with suppress(VenueError):
                await self._first()
                same = await self._again(self.order)
                other = await self._again(replace(self.order, steps=1))
                self._check(await self._cancel())
                after = await self._again(self.order)
                plain = await self._taken(self.plain)
        finally:
            left = await self._clean()
        return ProbeFindings(same, other, after, plain, self._lag_s, left)

    async def _first(self) -> None:
        """Post the order that the others repeat, and measure until the list shows it."""
        made = await self.door.post(self.order, self.uuid)
        if made is None:
            message = "the probe itself was refused"
            raise VenueError(message)
        self._made.add(made)
        began = self.clock.monotonic_s()
        while made not in {each.venue_order_id for each in await self._listed()}:
            if self.clock.monotonic_s() - began > self.patience_s:
                message = "the list never showed the probe"
                raise VenueError(message)
            await self._pause(_STEP_S)
        self._lag_s = self.clock.monotonic_s() - began

    async def _again(self, order: ProbeOrder) -> Repeated:
        """The same id once more, and what the venue made of it."""
        before = set(self._made)
        try:
            answer = await self.door.post(order, self.uuid)
        except VenueError:
            answer, unsaid = None, True
        else:
            unsaid = False
        # As long as the list was behind, and once more: what is new would be in it.
        await self._pause(2 * (self._lag_s or 0.0) + _STEP_S)
        self._made |= {each.venue_order_id for each in await self._listed()}
        if self._made - before or (answer is not None and answer not in before):
            return Repeated.CREATES_SECOND
        if unsaid:
            return Repeated.UNCLEAR
        return Repeated.REJECTS if answer is None else Repeated.RETURNS_OLD

    async def _taken(self, client_order_id: str) -> bool:
        made = await self.door.post(self.order, client_order_id)
        if made is not None:
            self._made.add(made)
        return made is not None

    async def _listed(self) -> Sequence[VenueOrder]:
        """The orders of this probe that the venue shows."""
        since = self.order.expires.plus_s(_MARGIN_S - self.order.terms.time_to_live_s)
        told = await self.exchange.orders(since)
        return [each for each in told if each.client_order_id in {self.uuid, self.plain}]

    async def _cancel(self) -> tuple[str, ...]:
        """Cancel what is open, and look until nothing is; what is left after all patience."""
        began = self.clock.monotonic_s()
        while still := [
            each.venue_order_id for each in await self._listed() if not each.status.final
        ]:
            if self.clock.monotonic_s() - began > self.patience_s:
                return tuple(still)
            await self.exchange.cancel(still)
            await self._pause(_STEP_S)
        return ()

    def _check(self, still: tuple[str, ...]) -> None:
        if still:
            message = "the probe could not be cancelled"
            raise VenueError(message)

    async def _clean(self) -> tuple[str, ...]:
        """Cancel everything; a venue that does not answer leaves what was made to its end."""
        await self._pause(2 * (self._lag_s or 0.0))
        try:
            return await self._cancel()
        except VenueError:
            return tuple(sorted(self._made)) or (self.uuid,)

    async def _pause(self, seconds: float) -> None:
        await self.clock.sleep_until(self.clock.now().plus_s(seconds))
