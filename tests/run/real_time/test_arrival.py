"""What the venue says before the first cycle, and all that refuses a run in it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.venue import LISTINGS, RunningVenue, running_venue
from run.real_time.conftest import use_key

from engine.adapters.coinbase.market import Listed
from engine.adapters.environment import secret_sources
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SystemRng
from engine.cycle.keys import KeyWatch, key_findings
from engine.errors import MandateError
from engine.ledger.state import State
from engine.model.account import KeyPermissions
from engine.model.market import ProductStatus
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.ports import VenueError
from engine.run import VenueSettings
from engine.run.going_live.venue import ask_venue
from engine.run.real_time.address import Address, loopback
from engine.run.real_time.arrival import Arriving, ClockReadings, clock_findings, venue_finding
from engine.run.real_time.door import VenueDoor
from engine.run.real_time.keys import KEY_SECRET, find_key
from engine.run.real_time.paper import LivePaper
from engine.run.real_time.selection import watched
from engine.venue.passage import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.policyset.policyset import PolicySet
    from engine.run.real_time.arrival import Arrival
    from engine.venue.passage import Answerer, Asked

BTC, ETH, USDC = (Symbol.parse(each) for each in ("BTC-USD", "ETH-USD", "BTC-USDC"))


class Ahead(SystemClock):
    """A machine whose clock is wrong."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> UtcTime:
        """So many seconds after the real time."""
        return super().now().plus_s(self.seconds)


class AtOnce(SystemRng):
    """Waits are as short as chance could make them, so that a test does not take its time."""

    def uniform(self, low: float, high: float) -> float:
        """The least."""
        del high
        return low


@pytest.fixture(scope="module")
def quiet() -> Iterator[RunningVenue]:
    """A venue where nothing happens."""
    with running_venue(quotes={"BTC-USD": ("60000", "60010")}) as running:
        yield running


def look(
    policy_set: PolicySet,
    address: Address,
    clock: SystemClock | None = None,
    last: UtcTime | None = None,
    *,
    keyed: bool = True,
) -> Arrival:
    """Ask a venue."""
    key = find_key(secret_sources(None)) if keyed else None
    door = VenueDoor(address, clock or SystemClock(), AtOnce(), key)
    return asyncio.run(Arriving(door, policy_set, last).look())


def refused(*words: object, **more: object) -> list[str]:
    """The codes that stand against it, each with its mend."""
    with pytest.raises(MandateError) as caught:
        look(*words, **more)  # type: ignore[arg-type] # as `look` takes them
    assert all(each.help for each in caught.value.diagnostics)
    return [each.code for each in caught.value.diagnostics]


def at(quiet: RunningVenue) -> Address:
    """Where it answers."""
    return loopback(quiet.rest, quiet.ca)


def test_an_arrival_brings_products_money_and_fees(
    quiet: RunningVenue, brisk: PolicySet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a key the account too; without one only what the venue tells anybody."""
    use_key(quiet, "es256", monkeypatch)
    told = look(brisk, at(quiet))
    assert {each.product.symbol for each in told.listed} == {BTC, ETH, USDC}
    assert told.balances == {"USD": 100_000, "USDC": 10_000, "BTC": 1}
    assert told.fees is not None
    assert (told.fees.maker_bps, told.fees.taker_bps) == (60, 120)
    alone = look(brisk, at(quiet), keyed=False)
    assert (len(alone.listed), alone.balances, alone.fees) == (len(LISTINGS), None, None)


@pytest.mark.parametrize(("label", "codes"), [("transfer", ["M464"]), ("view", ["M465"])])
def test_a_key_with_other_rights_is_refused(
    quiet: RunningVenue,
    brisk: PolicySet,
    monkeypatch: pytest.MonkeyPatch,
    label: str,
    codes: list[str],
) -> None:
    """One that can empty the account, and one that cannot trade it."""
    use_key(quiet, label, monkeypatch)
    assert refused(brisk, at(quiet)) == codes


def test_a_strange_key_is_refused(
    quiet: RunningVenue, brisk: PolicySet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One name with the other's private half, as after a mistake in copying."""
    use_key(quiet, "es256", monkeypatch)
    monkeypatch.setenv("COINBASE_API_SECRET", quiet.key("view").secret)
    assert refused(brisk, at(quiet)) == ["M463"]


@pytest.mark.parametrize("seconds", [-5.0, 5.0])
def test_a_clock_that_is_off_is_refused_by_the_set_s_own_number(
    quiet: RunningVenue, brisk: PolicySet, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """The breaker's number counts before the first cycle, and whatever its modes say."""
    use_key(quiet, "es256", monkeypatch)
    assert refused(brisk, at(quiet), Ahead(seconds)) == ["M467"]


def test_a_clock_before_the_last_record_is_refused(
    quiet: RunningVenue, brisk: PolicySet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was set back since: what the ledger knows to be past would be still to come."""
    use_key(quiet, "es256", monkeypatch)
    later = SystemClock().now().plus_s(60)
    assert refused(brisk, at(quiet), None, later) == ["M467"]
    assert look(brisk, at(quiet), None, SystemClock().now()).balances


def test_a_venue_that_is_not_there_is_told_once(
    brisk: PolicySet, quiet: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing listens, or a stranger does whose certificate nobody vouches for."""
    use_key(quiet, "es256", monkeypatch)
    assert refused(brisk, Address("http://127.0.0.1:9", "ws://127.0.0.1:9")) == ["M462"]
    assert refused(brisk, loopback(quiet.rest, None)) == ["M462"]


def test_a_venue_that_fails_is_told(
    brisk: PolicySet, quiet: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers that are failures; its own words may hold anything, and are in no message."""
    use_key(quiet, "es256", monkeypatch)

    async def broken(_asked: Asked, _answer: Answerer) -> Reply:
        return Reply(404, b'{"error":"hunter2"}')

    passage = quiet.door.passage
    quiet.through(broken)
    try:
        with pytest.raises(MandateError) as caught:
            look(brisk, at(quiet))
    finally:
        quiet.through(passage)
    assert [each.code for each in caught.value.diagnostics] == ["M462"]
    assert "hunter2" not in str(caught.value)
    assert venue_finding(VenueError("hunter2")).message == "the venue answers with failures"


def test_paper_in_this_process_has_the_time_and_the_products_of_the_venue(
    quiet: RunningVenue, brisk: PolicySet
) -> None:
    """What may trade, and when it is, are the real venue's word; only what is ours is listed."""
    door = VenueDoor(at(quiet), SystemClock(), AtOnce())
    (ours,) = [each.product for each in LISTINGS if each.product.symbol == BTC]
    fees = brisk.deployment.fees
    paper = LivePaper(door.market(), {BTC: ours}, {"USD": Decimal(9)}, fees, door.clock)

    async def ask() -> tuple[list[Symbol], float]:
        try:
            listed = [each.symbol for each in await paper.products()]
            return listed, (await paper.server_time()).since_s(door.clock.now())
        finally:
            await door.close()

    symbols, apart_s = asyncio.run(ask())
    assert symbols == [BTC]
    assert abs(apart_s) < 60


CLOCKS: dict[str, tuple[float, float, int]] = {
    "both are right": (0.0, 0.0, 0),
    "at the limits": (150.0, -1000.0, 0),
    "ours stepped": (151.0, 0.0, 1),
    "the venue's is behind": (0.0, -1001.0, 1),
    "both are off": (-200.0, 1500.0, 2),
}


@pytest.mark.parametrize(("drift_ms", "skew_ms", "count"), CLOCKS.values(), ids=CLOCKS)
def test_the_clock_gate_asks_the_set(
    brisk: PolicySet, drift_ms: float, skew_ms: float, count: int
) -> None:
    """Each breaker that the readings alone would trip is named, with both numbers."""
    found = [*clock_findings(brisk, ClockReadings(drift_ms, skew_ms))]
    assert [each.code for each in found] == ["M467"] * count
    assert all("`clock_" in each.message for each in found)


KEYS: dict[str, tuple[KeyPermissions, str | None, list[str]]] = {
    "looks and trades": (KeyPermissions(True, True, False, "p"), None, []),  # noqa: FBT003 - a table
    "of the stated portfolio": (KeyPermissions(True, True, False, "p"), "p", []),  # noqa: FBT003 - a table
    "of another portfolio": (KeyPermissions(True, True, False, "q"), "p", ["M466"]),  # noqa: FBT003 - a table
    "of no portfolio": (KeyPermissions(True, True, False), "p", ["M466"]),  # noqa: FBT003 - a table
    "everything is wrong": (
        KeyPermissions(False, False, True, "q"),  # noqa: FBT003 - a table
        "p",
        ["M464", "M465", "M465", "M466"],
    ),
}


@pytest.mark.parametrize(("key", "portfolio", "codes"), KEYS.values(), ids=KEYS)
def test_a_key_is_held_against_the_deployment(
    brisk: PolicySet, key: KeyPermissions, portfolio: str | None, codes: list[str]
) -> None:
    """All that stands against it at once, each with its mend."""
    account = brisk.deployment.account.model_copy(update={"portfolio_id": portfolio})
    deployment = brisk.deployment.model_copy(update={"account": account})
    found = (*key_findings(key, deployment),)
    assert [each.code for each in found] == codes
    assert all(each.help for each in found)
    refusal = KeyWatch(None, UtcTime(0), found).refused
    assert (refusal is None) is (not codes)


def listed(name: str, volume: int, **changes: object) -> Listed:
    """A product of this turnover."""
    (found,) = [each.product for each in LISTINGS if each.product.symbol == BTC]
    product = replace(found, symbol=Symbol.parse(name), **changes)  # type: ignore[arg-type] # its fields
    return Listed(product, "", Decimal(volume))


def test_the_products_are_those_of_the_largest_turnover_that_the_set_could_let_in(
    brisk: PolicySet,
) -> None:
    """In its currencies, tradable, no aliases, as many as the universe takes; and the reference."""
    market = [
        *(listed(f"C{n}-USD", 100 - n) for n in range(6)),
        listed("BTC-USD", 1),
        listed("EURO-EUR", 999),
        listed("GONE-USD", 998, status=ProductStatus.HALTED),
        replace(listed("SAME-USD", 997), alias="BTC-USD"),
    ]
    found = watched(brisk, market, (), State())
    assert [str(each) for each in found] == ["BTC-USD", "C0-USD", "C1-USD", "C2-USD", "C3-USD"]
    named = watched(brisk, market, [Symbol.parse("C5-USD")], State())
    assert [str(each) for each in named] == ["BTC-USD", "C5-USD"]


def test_what_is_not_listed_is_told_by_name(brisk: PolicySet) -> None:
    """All of them at once: named products, and the one that tells the regime."""
    market = [listed("ETH-USD", 1)]
    with pytest.raises(MandateError) as caught:
        watched(brisk, market, [Symbol.parse("BTC-USB"), BTC], State())
    assert [each.message for each in caught.value.diagnostics] == [
        "the venue does not list `BTC-USB`",
        "the venue does not list `BTC-USD`",
    ]
    assert {each.code for each in caught.value.diagnostics} == {"M468"}


def test_a_venue_without_a_product_for_the_set_is_no_market(brisk: PolicySet) -> None:
    """A run over nothing would look like a quiet market."""
    market = [listed("BTC-USD", 1, status=ProductStatus.HALTED)]
    with pytest.raises(MandateError) as caught:
        watched(brisk, market, (), State())
    assert [each.code for each in caught.value.diagnostics] == ["M443"]


def test_going_live_asks_as_a_start_does(
    quiet: RunningVenue, brisk: PolicySet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key, the clocks and the fees are told; and what is wrong with them is kept beside."""
    use_key(quiet, "es256", monkeypatch)
    here = VenueSettings(quiet.rest, quiet.ca)
    seen = ask_venue(brisk, here, None)
    assert seen.at == "a venue on loopback"
    assert seen.key is not None
    assert (seen.key.can_trade, seen.key.can_transfer) == (True, False)
    assert seen.clocks is not None
    assert abs(seen.clocks.skew_ms) < 60_000
    assert seen.fees is not None
    assert not seen.unreached
    use_key(quiet, "transfer", monkeypatch)
    seen = ask_venue(brisk, here, None)
    assert [each.code for each in seen.findings] == ["M464"]
    assert seen.key is not None
    assert seen.key.can_transfer


def test_going_live_tells_whom_it_could_not_ask(
    brisk: PolicySet, quiet: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a key nobody is asked; a venue that is away, or elsewhere, is told as such."""
    use_key(quiet, "es256", monkeypatch)
    away = ask_venue(brisk, VenueSettings("http://127.0.0.1:1"), None)
    assert away.unreached
    elsewhere = ask_venue(brisk, VenueSettings("https://example.com"), None)
    assert [each.code for each in elsewhere.findings] == ["M461"]
    monkeypatch.delenv(KEY_SECRET)
    alone = ask_venue(brisk, VenueSettings(quiet.rest, quiet.ca), None)
    assert [each.code for each in alone.findings] == ["M458"]
    assert alone.key is None
