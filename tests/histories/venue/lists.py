"""What the venue's lists show: paged, late, out of order, twice, or with a gap, as the plan says.

In: the venue's truth and its past. Out: pages. A gap is never at the same entry in two readings
that follow each other: a list that hides an order for good is no list.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from histories.faults import Fault
from histories.venue import bodies

from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from histories.chance import Chance
    from histories.plan import Plan
    from histories.venue.bodies import Fields
    from histories.venue.book import Book

T = TypeVar("T")
_DISORDER_RATIO = 0.3


@dataclass(slots=True)
class Lists:
    """The lists of one venue."""

    plan: Plan
    book: Book
    chance: Chance
    healed: Callable[[], bool]
    _begun: dict[str, list[Fields]] = field(default_factory=dict)
    _hidden: dict[str, str] = field(default_factory=dict)
    _readings: int = 0
    skew_ns: int = field(init=False)

    def __post_init__(self) -> None:
        """Work out once how far the venue's clock is ahead."""
        self.skew_ns = round(self.plan.skew_s * 1e9)

    def order(self, order_id: str) -> Fields | None:
        """One order, as old as the lists are."""
        past = self.book.orders.get(order_id)
        shown = (
            None if past is None else _as_of(past, self._seen_ns(Fault.LIST_LAG, self.plan.lag_s))
        )
        return None if shown is None else bodies.order_fields(shown, self.skew_ns)

    def orders(self, query: Mapping[str, str]) -> Fields:
        """A page of orders created since a date."""
        return self._page("orders", query, lambda: self._orders(query))

    def fills(self, query: Mapping[str, str]) -> Fields:
        """A page of fills since a date; no `has_next`, only a cursor."""
        page = self._page("fills", query, lambda: self._fills(query))
        page.pop("has_next")
        return page

    def accounts(self, query: Mapping[str, str]) -> Fields:
        """A page of balances."""
        return self._page("accounts", query, self._accounts)

    def _seen_ns(self, fault: Fault, lag_s: float) -> int:
        lagging = fault in self.plan.faults and not self.healed()
        return self.book.now_ns() - (round(lag_s * 1e9) if lagging else 0)

    def _orders(self, query: Mapping[str, str]) -> list[Fields]:
        since, product = _since(query, "start_date"), query.get("product_ids")
        seen_ns, found = self._seen_ns(Fault.LIST_LAG, self.plan.lag_s), []
        for past in self.book.orders.values():
            shown = _as_of(past, seen_ns)
            if shown is None or shown.created_ns + self.skew_ns < since:
                continue
            if product in {None, str(shown.symbol)}:
                found.append(bodies.order_fields(shown, self.skew_ns))
        found.reverse()
        return self._disordered("orders", "order_id", found)

    def _fills(self, query: Mapping[str, str]) -> list[Fields]:
        since = _since(query, "start_sequence_timestamp")
        # Behind by another time than the orders: an end is shown before its fills, or after.
        seen_ns = self._seen_ns(Fault.LIST_LAG, self.plan.fills_lag_s)
        found = [
            bodies.fill_fields(each, self.skew_ns)
            for each in reversed(self.book.fills)
            if each.time_ns <= seen_ns and each.time_ns + self.skew_ns >= since
        ]
        if self._strikes(Fault.FILLS_SHUFFLED):
            found = self.chance.mixed(found)
        if self._strikes(Fault.FILLS_REPEATED):
            found = [*found, *found]
        return self._disordered("fills", "entry_id", found)

    def _accounts(self) -> list[Fields]:
        seen_ns, lagging = self._seen_ns(Fault.BALANCE_LAG, self.plan.lag_s), self.book.balances
        place = bisect_right(lagging, seen_ns, key=lambda each: each[0])
        held = lagging[max(0, place - 1)][1]
        return [
            bodies.account_fields(name, units, self._hold(name, units))
            for name, units in held.items()
        ]

    def _hold(self, currency: str, units: Decimal) -> Decimal:
        """What working orders hold; the adapter has to add it to what is available."""
        zero = units - units
        sells = (o.left for o in self.book.working.values() if o.side == "SELL")
        return min(units, sum(sells, zero)) if currency != "USD" else min(units, zero + 1)

    def _strikes(self, fault: Fault) -> bool:
        on = fault in self.plan.faults and not self.healed()
        return on and self.chance.happens(_DISORDER_RATIO)

    def _disordered(self, name: str, key: str, found: list[Fields]) -> list[Fields]:
        if self._strikes(Fault.PAGES_REORDERED):
            found = self.chance.mixed(found)
        if self._strikes(Fault.PAGES_REPEATED):
            found = [*found, *found[: self.plan.page]]
        hidden = self._hidden.pop(name, None)
        if found and self._strikes(Fault.PAGES_MISSING):
            gone = str(self.chance.choice(found)[key])
            if gone != hidden:
                self._hidden[name] = gone
                found = [each for each in found if each[key] != gone]
        return found

    def _page(
        self, name: str, query: Mapping[str, str], found: Callable[[], list[Fields]]
    ) -> Fields:
        """The first page takes the list as it is now; the cursor goes on in that one."""
        cursor = query.get("cursor", "")
        if cursor:
            reading, _, place = cursor.partition(":")
            rest = self._begun.get(reading, [])[int(place) :]
        else:
            self._readings += 1
            reading, place, rest = str(self._readings), "0", found()
            self._begun = {reading: rest}
        entries, more = rest[: self.plan.page], len(rest) > self.plan.page
        following = f"{reading}:{int(place) + self.plan.page}" if more else ""
        return {name: entries, "has_next": more, "cursor": following}


def _as_of(past: list[tuple[int, T]], seen_ns: int) -> T | None:
    """How it stood then; None where it was not there yet."""
    if past[-1][0] <= seen_ns:
        return past[-1][1]
    place = bisect_right(past, seen_ns, key=lambda each: each[0])
    return past[place - 1][1] if place else None


def _since(query: Mapping[str, str], name: str) -> int:
    return UtcTime.parse(query[name]).ns if name in query else 0
