"""The account at a venue, over real sockets: read without a loop, probed, and money found there."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import pytest
from fakes.venue import running_venue

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.coinbase.exchange import CoinbaseExchange
from engine.adapters.coinbase.pacing import TokenBucket
from engine.adapters.coinbase.rest import Rest
from engine.adapters.http import HttpClient
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.lock import FileLock
from engine.adapters.system.rng import SystemRng
from engine.ledger.bodies import of_record as body_of
from engine.ledger.order_id import client_order_id, stream_tag
from engine.ledger.reader import JournalReader
from engine.ledger.records import RecordKind
from engine.model.orders import (
    Acknowledged,
    ApprovedOrder,
    Intent,
    Mode,
    OrderForm,
    OrderIntent,
)
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.run import RunSettings, VenueSettings, prepare

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from conftest import Ran
    from fakes.venue import RunningVenue

POLICIES = Path(__file__).parent / "policies"
T = TypeVar("T")
ALIEN = bytes(range(32))
PROBE = "    probe: {max_usd: 5, below_bid_pct: 50, time_to_live: 2m}\n"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningVenue]:
    """A venue that shows BTC-USD."""
    with running_venue(quotes={"BTC-USD": ("68000", "68001")}) as venue:
        yield venue


@pytest.fixture
def words(
    running: RunningVenue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, ...]:
    """A ledger that a run at this venue has begun, and the words that name both."""
    policies, secrets = tmp_path / "policies", tmp_path / "secrets"
    shutil.copytree(POLICIES, policies)
    execution = policies / "execution.yaml"
    text = execution.read_text("utf-8").replace("settles_within_s: 10", "settles_within_s: 0")
    execution.write_text(text + PROBE, "utf-8")
    secrets.mkdir(mode=0o700)
    key = running.key()
    for name, value in (("COINBASE_API_KEY", key.name), ("COINBASE_API_SECRET", key.secret)):
        (secrets / name).write_text(value, "utf-8")
        (secrets / name).chmod(0o600)
    monkeypatch.chdir(tmp_path)
    venue = VenueSettings(running.rest, running.ca, secrets)
    session = prepare(RunSettings(policies, Path("ledger"), venue=venue))
    session.lease.release()
    asyncio.run(session.close())
    paths = ("--venue-ca", str(running.ca), "--secrets", str(secrets))
    return ("--ledger", "ledger", "--venue", running.rest, *paths)


def test_the_account_is_read_without_a_loop(
    ask: Callable[..., Ran], words: tuple[str, ...]
) -> None:
    """Every balance on both sides, and nothing differs; the reading is in the ledger."""
    ran = ask("reconcile", *words, "--who", "ann")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("nothing differs\n\nbalances\n")
    assert "USD   100000  100000  agrees" in ran.out
    assert "  0 fills in the ledger, 0 orders working, 0 open orders of others\n" in ran.out
    assert "rebuilt" not in ran.out
    rebuilt = ask("reconcile", *words, "--rebuild").out
    assert "rebuilt from 0 fills\n  every fill is in the ledger, as the venue says\n" in rebuilt
    assert ask("audit", "verify", "--ledger", "ledger").status == 0


def test_money_that_came_in_is_found_and_told_with_its_mend(
    ask: Callable[..., Ran], running: RunningVenue, words: tuple[str, ...]
) -> None:
    """Until a person confirms it, the account differs: on the page, in the status, for `flow`."""
    running.transfer("USD", "250")
    try:
        ran = ask("reconcile", *words)
    finally:
        running.transfer("USD", "-250")
    assert ran.status == 1
    assert ran.out.startswith("1 differs\n")
    assert "USD   100250  100000  DIFFERS" in ran.out
    assert "the venue tells of" in ran.out
    assert "`trader flow deposit 250 USD` confirms it" in ran.out
    assert "`trader flow deposit 250 USD`" in ask("status", "--ledger", "ledger").out
    who = ("--ledger", "ledger", "--reason", "savings", "--who", "ann")
    told = ask("flow", "deposit", "250", "USD", *who).out
    assert "the venue shows 250 USD more than our records" in told


def test_a_flow_that_waits_is_taken_in_by_a_reading(
    ask: Callable[..., Ran], running: RunningVenue, words: tuple[str, ...]
) -> None:
    """Where nobody runs the ledger, the next reading books it, as far as the venue shows it.

    What else waits is about orders, and is left to a loop.
    """
    who = ("--ledger", "ledger", "--reason", "savings", "--who", "ann")
    ask("flow", "deposit", "250", "USD", *who)
    ask("flow", "deposit", "9", "USD", *who)
    ask("cancel-all", *who)
    running.transfer("USD", "250")
    try:
        ran = ask("reconcile", *words)
        again = ask("reconcile", *words)
    finally:
        running.transfer("USD", "-250")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("nothing differs\n")
    assert "taken in\n  flow 250 USD by ann (deposit: savings): booked\n" in ran.out
    assert "flow 9 USD by ann (deposit: savings): refused: the venue shows 0 USD" in ran.out
    assert "taken in" not in again.out
    found = JournalReader(DirectoryDisk(Path("ledger"))).records()
    flows = [body_of(each) for each in found if each.kind is RecordKind.CASH_FLOW]
    assert [(each["amount"], len(each["transfers"])) for each in flows] == [("250", 1)]
    assert [each.suffix for each in Path("ledger/commands").iterdir()] == [".json"]


def test_the_venue_is_probed_and_the_doctor_tells(
    ask: Callable[..., Ran], words: tuple[str, ...]
) -> None:
    """The answer is kept in the ledger, nothing is open afterwards, and no order is a stranger."""
    ran = ask("doctor", "--probe-duplicate-id", *words, "--who", "ann", "--reason", "new venue")
    flat = " ".join(ran.out.split())
    assert "the same order returns old, another size returns old, after a cancel returns" in flat
    assert "an id that is no UUID was taken" in flat
    reading = ask("reconcile", *words)
    assert "0 open orders of others" in reading.out
    assert ask("status", "--ledger", "ledger").out.count("ORPHAN") == 0
    told = " ".join(ask("doctor", "--ledger", "ledger").out.split())
    assert "repeated order ids: BTC-USD at" in told


@contextmanager
def placed(running: RunningVenue, client_order_id: str) -> Iterator[None]:
    """Somebody else's order at the account while the block runs: a buy far below the market."""
    intent = OrderIntent(
        number=1,
        symbol=Symbol("BTC", "USD"),
        intent=Intent.ENTRY,
        form=OrderForm.POST_ONLY,
        quantity=Decimal("0.001"),
        limit_price=Decimal(30_000),
        reference_price=Decimal(68_000),
        worst_price=Decimal(30_000),
        strategy="",
        reason="",
    )
    order = ApprovedOrder(client_order_id, "f" * 64, intent, intent.quantity, None)
    taken = at(running, lambda venue: venue.submit(order, lambda: None))
    assert isinstance(taken, Acknowledged)
    yield
    at(running, lambda venue: venue.cancel([taken.venue_order_id]))


def at(running: RunningVenue, ask: Callable[[CoinbaseExchange], Awaitable[T]]) -> T:
    """What the venue answers to somebody with the same key."""

    async def asked() -> T:
        key, clock = running.key(), SystemClock()
        http = HttpClient(running.rest, running.tls())
        credentials = credentials_of(key.name, key.secret)
        bucket = TokenBucket(clock, 100.0, 100.0)
        rest = Rest(http, running.rest, clock, SystemRng(), bucket, credentials)
        try:
            return await ask(CoinbaseExchange(rest))
        finally:
            await http.close()

    return asyncio.run(asked())


def test_a_strangers_order_is_told_and_an_orphan_halts(
    ask: Callable[..., Ran], running: RunningVenue, words: tuple[str, ...]
) -> None:
    """Over the venue's own list: one is counted and shown, the other stops everything."""
    with placed(running, str(UUID(int=7))):
        assert "1 open order of others" in ask("reconcile", *words).out
    status = ask("status", "--ledger", "ledger").out
    assert "open  BUY BTC-USD  0.001 of 0.001 at 30,000" in status
    activation = next(
        body_of(each)
        for each in JournalReader(DirectoryDisk(Path("ledger"))).records()
        if each.kind is RecordKind.SET_ACTIVATED
    )
    mine = client_order_id(str(activation["policy_set"]), stream_tag(Mode.PAPER, "test"), ALIEN, 1)
    with placed(running, mine):
        ask("reconcile", *words)
    status = ask("status", "--ledger", "ledger").out
    assert status.startswith("state        HALTED: orphan: order ")
    assert mine in status
    assert "ORPHAN" in status
    assert "M417: trading is stopped: orphan" in ask("doctor", "--probe-duplicate-id", *words).err


REFUSED = {
    "no product of that name": (("--product", "nothing"), "M417: `nothing` is not the name"),
    "a product that is not listed": (("--product", "XYZ-USD"), "M417: the venue does not list"),
    "a product without a bid": (("--product", "ETH-USD"), "M417: "),
}


@pytest.mark.parametrize(("more", "finding"), REFUSED.values(), ids=REFUSED)
def test_a_probe_that_cannot_be_made_sends_nothing(
    more: tuple[str, ...], finding: str, ask: Callable[..., Ran], words: tuple[str, ...]
) -> None:
    """Each refusal has its code, and the venue got no order."""
    ran = ask("doctor", "--probe-duplicate-id", *words, *more)
    assert ran.status == 1
    assert finding in ran.err
    assert "nothing was sent" in ran.err
    assert "Traceback" not in ran.err


def test_no_probe_while_the_switch_is_thrown(
    ask: Callable[..., Ran], words: tuple[str, ...]
) -> None:
    """What stops trading stops probes."""
    ask("halt", "--ledger", "ledger", "--reason", "no more", "--who", "ann")
    assert (
        "M417: trading is stopped: no more (ann"
        in ask("doctor", "--probe-duplicate-id", *words).err
    )


def test_a_policy_without_a_probe_allows_none(
    ask: Callable[..., Ran], words: tuple[str, ...], running: RunningVenue
) -> None:
    """How dear and how near it may be is a reviewed document's to say."""
    shutil.rmtree("ledger")
    shutil.copy(POLICIES / "execution.yaml", "policies/execution.yaml")
    secrets = Path(words[-1])
    venue = VenueSettings(running.rest, running.ca, secrets)
    session = prepare(RunSettings(Path("policies"), Path("ledger"), venue=venue))
    session.lease.release()
    ran = ask("doctor", "--probe-duplicate-id", *words)
    assert "M417: the ExecutionPolicy allows no probe" in ran.err


def test_a_probe_needs_a_ledger(ask: Callable[..., Ran], words: tuple[str, ...]) -> None:
    """Its answer is kept there."""
    ran = ask("doctor", "--policies", "policies", "--probe-duplicate-id", *words[2:])
    assert (ran.status, "--ledger" in ran.err) == (2, True)


def test_a_ledger_that_somebody_runs_is_left_to_it(
    ask: Callable[..., Ran], words: tuple[str, ...]
) -> None:
    """A probe beside a loop is refused with the holder's name; a reading is left to the loop."""
    with FileLock.acquire(Path("ledger/LOCK"), UtcTime(0)):
        assert "M413" in ask("doctor", "--probe-duplicate-id", *words).err


def test_an_account_in_a_process_is_not_visited(
    ask: Callable[..., Ran], words: tuple[str, ...]
) -> None:
    """A paper account of a venue is one; without the venue's address there is nobody to ask."""
    assert "M416" in ask("reconcile", "--ledger", "ledger").err
    assert words


def test_a_recording_has_no_account_to_visit(ask: Callable[..., Ran], ledger: str) -> None:
    """Its account lived and ended with its run."""
    assert "M416" in ask("reconcile", "--ledger", ledger).err


def test_an_order_is_sent_again_by_a_loop_only(ask: Callable[..., Ran], ledger: str) -> None:
    """Nobody else holds the market and the limits; and it is said why."""
    assert "M418" in ask("reconcile", "--ledger", ledger, "--resend", "3", "--reason", "x").err
    with FileLock.acquire(Path(ledger) / "LOCK", UtcTime(0)):
        ran = ask("reconcile", "--ledger", ledger, "--resend", "3")
    assert (ran.status, "--reason" in ran.err) == (2, True)
