"""The crash of 2021-05-19 under the set `bars`: it trades on the flat days, and then it stops.

Binance bars of five minutes, quotes derived from them with a spread of 10 bps. Bitcoin fell by
22 % in an hour that day; the set's daily stop had sold what it held before that.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from acceptance.conftest import BAR_NS, FinishedRun

from engine.adapters.system.disk import DirectoryDisk
from engine.cycle.rejudge import rejudge
from engine.ledger.records import RecordKind
from engine.ledger.verify import verify
from engine.model.times import UtcTime

CALM, CRASH = "2021-05-18", "2021-05-19"
HALF = Decimal("0.0005")
# Of the same close, once rounded outward and once not.
ROUNDED = Decimal("0.0000002")


@pytest.fixture(scope="module")
def trip(crash: FinishedRun) -> dict[str, Any]:
    """The cycle in which the daily stop tripped."""
    (found,) = (each for each in crash.cycles if "daily_stop" in each["tripped"])
    return found


def orders_of(crash: FinishedRun, intent: str) -> list[tuple[int, str]]:
    """The cycle and the time of every order that was sent with this intent."""
    return [
        (cycle["cycle"], cycle["time"])
        for cycle in crash.cycles
        for order in cycle["orders"]
        if order["intent"] == intent
    ]


def test_the_set_trades_on_the_calm_day(crash: FinishedRun) -> None:
    """A set that never trades stops nothing: entries are sent and filled before the crash."""
    days = Counter(time[:10] for _, time in orders_of(crash, "entry"))
    assert days[CALM] >= 10
    filled = [each for each in crash.bodies(RecordKind.FILLED) if each["side"] == "BUY"]
    assert sum(str(each["time"]).startswith(CALM) for each in filled) >= 5


def test_entries_end_in_the_cycle_of_the_trip(crash: FinishedRun, trip: dict[str, Any]) -> None:
    """Not one entry from the trip to the end of the day, while strategies go on asking for some."""
    assert trip["time"].startswith(CRASH)
    assert trip["state"] == "REDUCING"
    rest = [c for c in crash.cycles if c["cycle"] >= trip["cycle"] and c["time"][:10] == CRASH]
    assert len(rest) > 100
    assert [o for c in rest for o in c["orders"] if o["intent"] == "entry"] == []
    refused = [d for c in rest for d in c["denied"] if d["intent"] == "entry"]
    assert len(refused) >= 5
    for each in refused:
        assert "daily_stop" in {reason.get("breaker") for reason in each["reasons"]}


def test_everything_is_sold_at_the_trip(crash: FinishedRun, trip: dict[str, Any]) -> None:
    """`exit_all`: an order for each position in the cycle of the trip, and nothing left soon."""
    sold = [each for each in trip["orders"] if each["intent"] == "exit"]
    held = holdings(crash, trip["cycle"])
    assert len(held) >= 2
    assert {each["symbol"]: Decimal(each["quantity"]) for each in sold} == held
    assert {each["side"] for each in sold} == {"SELL"}
    assert "breaker daily_stop" in {each["why"] for each in sold}
    assert not any(holdings(crash, trip["cycle"] + 6).values())


def holdings(crash: FinishedRun, until: int) -> dict[str, Decimal]:
    """What the fills told up to and in this cycle leave, by product: an oracle of its own."""
    held: dict[str, Decimal] = {}
    for cycle in crash.cycles:
        if cycle["cycle"] <= until:
            for fill in cycle["fills"]:
                sign = 1 if fill["side"] == "BUY" else -1
                before = held.get(fill["symbol"], Decimal(0))
                held[fill["symbol"]] = before + sign * Decimal(fill["quantity"])
    return {symbol: units for symbol, units in held.items() if units}


def test_fills_are_at_the_next_book_and_never_at_the_one_that_decided(
    crash: FinishedRun, closes: dict[tuple[str, int], Decimal]
) -> None:
    """An immediate order meets the bid of the next bar's close, a resting one what went through."""
    sent = {each["client_order_id"]: each for each in bodies_with_times(crash, RecordKind.INTENT)}
    fills = crash.bodies(RecordKind.FILLED)
    assert {each["maker"] for each in fills} == {True, False}
    for each in fills:
        order = sent[each["client_order_id"]]
        moment = UtcTime.parse(each["time"]).ns
        waited = moment - order["ns"]
        close = closes[each["symbol"], moment]
        price, side = Decimal(each["price"]), -1 if each["side"] == "SELL" else 1
        book = close * (1 + side * HALF)
        if each["maker"]:
            assert waited >= BAR_NS
            assert price == Decimal(order["limit_price"])
            assert side * (price - book) > 0
        else:
            assert waited == BAR_NS
            assert abs(price - book) <= close * ROUNDED
            assert side * (Decimal(order["limit_price"]) - price) >= 0


def bodies_with_times(crash: FinishedRun, kind: RecordKind) -> list[dict[str, Any]]:
    """The bodies of one kind, each with the instant of its record as `ns`."""
    found = [(each.time.ns, each.fields()) for each in crash.records if each.kind is kind]
    return [{**body, "ns": ns} for ns, body in found]


def test_stops_are_met_by_an_order_that_widens_until_it_is_out(crash: FinishedRun) -> None:
    """Every stop sells: where the market fell through the collar, the next rung is wider."""
    intents = [e for e in crash.bodies(RecordKind.INTENT) if e["ladder"] == "exit_stop"]
    filled = {each["intent"] for each in crash.bodies(RecordKind.FILLED)}
    begun = [each for each in intents if each["parent"] is None]
    assert len(begun) >= 5
    assert any(str(each["reason"]).startswith("stop ") for each in begun)
    children = {each["parent"]: each for each in intents if each["parent"] is not None}
    rungs = Counter(len(chain_of(each, children)) for each in begun)
    assert max(rungs) >= 2
    for each in begun:
        assert chain_of(each, children)[-1]["intent"] in filled, each


def chain_of(intent: dict[str, Any], children: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """An intent with those that followed it, rung by rung."""
    following = children.get(intent["intent"])
    return [intent] if following is None else [intent, *chain_of(following, children)]


def test_the_ledger_says_what_the_quotes_are_and_can_be_judged_again(crash: FinishedRun) -> None:
    """Derived quotes are called derived; the chain holds, and every decision comes out the same."""
    (genesis,) = crash.bodies(RecordKind.GENESIS)
    assert genesis["quotes"] == (
        "derived from bars at their close, spread 10 bps, "
        "100,000 of the quote currency at each side"
    )
    assert verify(DirectoryDisk(crash.ledger)).intact
    again = rejudge(crash.records)
    assert again.agrees
    assert again.decisions == len(crash.told("orders")) + len(crash.told("denied"))
