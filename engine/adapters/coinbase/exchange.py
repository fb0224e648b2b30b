"""The exchange port over Coinbase: what was asked, what became of it, what is held.

In: approved orders. Out: what the venue says, in the words of our model. An order is posted once.
Where its fate cannot be told it is `Unknown`; a refusal by status counts only after a complete
look through the venue's list has not found the order; a success counts only when the order that
the venue then shows is the one that was asked for.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.adapters.coinbase import accounts, wire
from engine.adapters.coinbase.failures import DOCUMENTED, WOULD_CROSS, failure_word
from engine.adapters.coinbase.orders import fill_of, order_body, venue_order
from engine.adapters.coinbase.products import SPOT, product_of
from engine.adapters.coinbase.rest import raise_for, reading
from engine.adapters.http import LostError, NotSentError
from engine.model.orders import Acknowledged, Collision, NotSent, Rejected, Unknown
from engine.model.times import UtcTime
from engine.ports import MOST_CANCELS, AuthRefusedError, RateLimitedError, VenueError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from engine.adapters.coinbase.rest import Query, Rest
    from engine.adapters.coinbase.wire import Wire
    from engine.adapters.http import Answer
    from engine.model.account import FeeRates, KeyPermissions, Transfer
    from engine.model.market import Product
    from engine.model.orders import ApprovedOrder, Fill, SubmitOutcome, VenueOrder
    from engine.ports import Gate

_PAGE = "250"
_OK, _THEIR_FAULT = 200, 500
# The venue's clock may run behind ours, and its lists behind its clock: whatever asks for what
# was since an instant asks for this much more.
_MARGIN_S = 120.0
# What one missing order decides is asked for from a day before: no clock may hide it.
_FAR_S = 86_400.0
# An order that existed before the post is another one under our id, whatever it echoes. Our clocks
# may differ by as much as the clock breakers let pass, which is far less than this.
_OLDER_S = 60.0
_TAKEN = "success"
_CANCELS = {_TAKEN: True, "DUPLICATE_CANCEL_REQUEST": True, "UNKNOWN_CANCEL_ORDER": False}


@dataclass(slots=True)
class CoinbaseExchange:
    """One account of Coinbase Advanced Trade."""

    rest: Rest
    _client_ids: dict[str, str] = field(default_factory=dict)

    async def submit(self, order: ApprovedOrder, gate: Gate) -> SubmitOutcome:
        """Post once, and tell what is known (COINBASE.md, the order protocol, point 3)."""
        posted = self.rest.clock.now()
        try:
            answer = await self.rest.post_once("/orders", order_body(order), gate)
        except NotSentError as error:
            return NotSent(str(error))
        except LostError as error:
            return Unknown(str(error))
        if answer.status == _OK:
            return await self._answered(order, answer, posted)
        if answer.status < _THEIR_FAULT:
            return await self._refused(order, answer, posted)
        return Unknown(f"status {answer.status}")

    async def _answered(
        self, order: ApprovedOrder, answer: Answer, posted: UtcTime
    ) -> SubmitOutcome:
        try:
            fields = wire.decode(answer.body)
            if not wire.flag(fields, "success"):
                return _failure(fields)
            venue_id = wire.text(wire.part(fields, "success_response"), "order_id")
        except wire.WireError as error:
            return Unknown(f"an answer that cannot be read: {error}")
        try:
            shown = await self.order(venue_id)
        except VenueError as error:
            return Unknown(f"taken as {venue_id}, and not shown: {error}")
        return self._compared(order, shown, posted)

    def _compared(
        self, order: ApprovedOrder, shown: VenueOrder, posted: UtcTime
    ) -> Acknowledged | Collision:
        self._client_ids[shown.venue_order_id] = shown.client_order_id
        different = _differences(order, shown, posted)
        if different:
            return Collision(shown.venue_order_id, different)
        return Acknowledged(shown.venue_order_id)

    async def _refused(
        self, order: ApprovedOrder, answer: Answer, posted: UtcTime
    ) -> SubmitOutcome:
        """A 4xx: refused, once a complete scan shows that nothing came of it all the same."""
        try:
            found = await self.find(order, posted)
        except VenueError as error:
            return Unknown(f"status {answer.status}, and the scan failed: {error}")
        if found is not None:
            return self._compared(order, found, posted)
        try:
            raise_for(answer)
        except (AuthRefusedError, RateLimitedError):
            raise
        except VenueError as error:
            return Rejected(str(error))
        raise AssertionError  # pragma: no cover - a 4xx always raises

    async def find(self, order: ApprovedOrder, since: UtcTime) -> VenueOrder | None:
        """Look through every page of the product's orders for our id; raises `VenueError`."""
        query = (
            ("product_ids", str(order.symbol)),
            ("start_date", str(since.plus_s(-_FAR_S))),
            ("limit", _PAGE),
        )
        ours = order.client_order_id
        return next((o for o in await self._orders(query) if o.client_order_id == ours), None)

    async def order(self, venue_order_id: str) -> VenueOrder:
        """One order as the venue shows it; raises `VenueError`."""
        fields = await self.rest.get(f"/orders/historical/{venue_order_id}")
        with reading():
            return venue_order(wire.part(fields, "order"))

    async def cancel(self, venue_order_ids: Sequence[str]) -> Mapping[str, bool]:
        """Ask for cancels, a hundred a request and all requests at once: none waits for another.

        False where the venue knows of nothing to cancel; what it leaves out, or does not do for
        another reason, is left out here too.
        """
        ids = list(venue_order_ids)
        parts = [ids[at : at + MOST_CANCELS] for at in range(0, len(ids), MOST_CANCELS)]
        told = await asyncio.gather(*map(self._cancelled, parts), return_exceptions=True)
        answers = [each for each in told if not isinstance(each, BaseException)]
        failures = [each for each in told if isinstance(each, BaseException)]
        if failures and not (answers and all(isinstance(each, VenueError) for each in failures)):
            raise failures[0]
        return {order_id: taken for each in answers for order_id, taken in each.items()}

    async def _cancelled(self, ids: Sequence[str]) -> dict[str, bool]:
        """What is said of each; a cancel that is under way already is one that was taken."""
        fields = await self.rest.cancel({"order_ids": [*ids]})
        with reading():
            results = {
                wire.optional_text(each, "order_id"): _cancel_word(each)
                for each in wire.objects(fields, "results")
            }
        words = {order_id: results.get(order_id, "") for order_id in ids}
        return {each: _CANCELS[word] for each, word in words.items() if word in _CANCELS}

    async def orders(self, since: UtcTime) -> Sequence[VenueOrder]:
        """Every order created since then, oldest first; no filter hides PENDING and QUEUED.

        By our clock: those that the venue's clock dates a little earlier are among them.
        """
        found = await self._orders(
            (("start_date", str(since.plus_s(-_MARGIN_S))), ("limit", _PAGE))
        )
        return sorted(found, key=lambda each: (each.created, each.venue_order_id))

    async def _orders(self, query: Query) -> Sequence[VenueOrder]:
        found = {}
        async for fields in self.rest.pages("/orders/historical/batch", "orders", query):
            with reading():
                if wire.optional_text(fields, "product_type") in {"", SPOT}:
                    each = venue_order(fields)
                    found[each.venue_order_id] = each
        self._client_ids |= {each.venue_order_id: each.client_order_id for each in found.values()}
        return list(found.values())

    async def fills(self, since: UtcTime) -> Sequence[Fill]:
        """Every execution since then (inclusive), oldest first, none twice.

        And those shortly before: a list may show a later one first, and its clock is not ours.
        """
        query = (("start_sequence_timestamp", str(since.plus_s(-_MARGIN_S))), ("limit", _PAGE))
        found = {}
        async for fields in self.rest.pages("/orders/historical/fills", "fills", query):
            each = await self._fill(fields)
            found[each.fill_id] = each
        return sorted(found.values(), key=lambda each: (each.time, each.fill_id))

    async def _fill(self, fields: dict[str, Wire]) -> Fill:
        with reading():
            venue_id = wire.text(fields, "order_id")
        if venue_id not in self._client_ids:
            self._client_ids[venue_id] = (await self.order(venue_id)).client_order_id
        with reading():
            return fill_of(fields, self._client_ids[venue_id])

    async def balances(self) -> dict[str, Decimal]:
        """Units held by currency, what working orders hold included."""
        return await accounts.balances(self.rest)

    async def transfers(self, currency: str, since: UtcTime) -> Sequence[Transfer]:
        """Every finished movement of one currency since then that is no execution."""
        return await accounts.transfers(self.rest, currency, since)

    async def key_permissions(self) -> KeyPermissions:
        """What the key in use may do."""
        return await accounts.key_permissions(self.rest)

    async def fee_rates(self) -> FeeRates:
        """What the account's present tier takes."""
        return await accounts.fee_rates(self.rest)

    async def products(self) -> Sequence[Product]:
        """Every spot product that can be read; one that cannot is left out, and so not traded."""
        found = []
        async for fields in self.rest.pages("/products", "products", (("product_type", SPOT),)):
            with suppress(wire.WireError):
                found.append(product_of(fields))
        return found

    async def server_time(self) -> UtcTime:
        """The venue's own clock."""
        fields = await self.rest.get("/time")
        with reading():
            return UtcTime(int(wire.number(fields, "epochMillis")) * 1_000_000)


def _cancel_word(fields: dict[str, Wire]) -> str:
    """How one result of a batch reads: that it was taken, or why it was not."""
    return _TAKEN if wire.flag(fields, "success") else wire.optional_text(fields, "failure_reason")


def _failure(fields: dict[str, Wire]) -> SubmitOutcome:
    """A 200 that says no: refused in a documented word, or nobody knows what it means."""
    word = failure_word(fields)
    if word in WOULD_CROSS:
        return Rejected(word, would_cross=True)
    return Rejected(word) if word in DOCUMENTED else Unknown(f"refused in an unknown word: {word}")


def _differences(order: ApprovedOrder, shown: VenueOrder, posted: UtcTime) -> str:
    """In what the order that the venue shows is not the one that was posted; empty: in nothing.

    Its answer to the post may echo the new request over an old order (COINBASE.md), so the order
    itself is compared.
    """
    pairs = (
        ("client order id", order.client_order_id, shown.client_order_id),
        ("product", order.symbol, shown.symbol),
        ("side", order.intent.side.value, shown.side.value),
        ("size", order.quantity, shown.quantity),
    )
    found = [f"{name} {theirs}, not {ours}" for name, ours, theirs in pairs if ours != theirs]
    if shown.created < posted.plus_s(-_OLDER_S):
        found.append(f"created {shown.created}, before it was posted")
    return "; ".join(found)
