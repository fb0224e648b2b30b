"""The probe: it cannot hurt, it tells only what it saw, and it cleans up whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.bench import BTC, Bench, done
from fakes.clock import START
from hypothesis import given
from hypothesis import strategies as st

from engine.cycle.reconciling.probing import Probe
from engine.ledger.folding.probes import findings_body, findings_of
from engine.ledger.records import RecordKind
from engine.model.market import Product
from engine.model.orders import Side
from engine.model.probing import ProbeFindings, ProbeOrder, ProbeTerms, Repeated
from engine.ports import RateLimitedError, UnreachableError, VenueError

if TYPE_CHECKING:
    from fakes.exchange import FakeExchange

TERMS = ProbeTerms(Decimal(5), Decimal(50), 120)
GRID = Product(BTC, Decimal("0.00000001"), Decimal("0.01"), Decimal("0.00000001"), Decimal(1))
ORDER = ProbeOrder(GRID, Decimal(20_000), TERMS, START.plus_s(8000))
UUID, PLAIN = "7d1f0f3e-5a43-4d6f-9d5c-0a1b2c3d4e5f", "probe-1"


@dataclass
class Door:
    """A door before the scripted venue, which answers repeated ids as a test wants."""

    venue: FakeExchange
    repeated: str = "returns_old"
    failing: dict[int, VenueError] = field(default_factory=dict)
    posted: list[tuple[str, Decimal]] = field(default_factory=list)
    plain: bool = True

    async def post(self, order: ProbeOrder, client_order_id: str) -> str | None:
        """Take, or do with a repeated id what was said."""
        self.posted.append((client_order_id, order.quantity))
        if len(self.posted) in self.failing:
            raise self.failing[len(self.posted)]
        known = [v for v, o in self.venue.book.items() if o.client_order_id == client_order_id]
        if (client_order_id == PLAIN and not self.plain) or (known and self.repeated == "rejects"):
            return None
        if known and self.repeated == "returns_old":
            return known[0]
        size, price = str(order.quantity), str(order.limit_price)
        return self.venue.by_another(
            order.symbol, Side.BUY, size, price, client_order_id=client_order_id
        )


def probed(bench: Bench, door: Door) -> ProbeFindings:
    """What the probe finds."""
    order = ProbeOrder(GRID, Decimal(20_000), TERMS, bench.clock.now().plus_s(120))
    return done(Probe(bench.desk.exchange, door, bench.clock, order, UUID, PLAIN, 10.0).run())


@pytest.mark.parametrize("repeated", ["returns_old", "rejects", "creates_second"])
def test_each_behaviour_is_told_apart(repeated: str) -> None:
    """Five posts, two ids, two sizes; nothing is open afterwards, nothing was filled."""
    bench = Bench()
    door = Door(bench.venue, repeated)
    found = probed(bench, door)
    behaviour = Repeated(repeated)
    assert found == ProbeFindings(behaviour, behaviour, behaviour, True, 0.0)  # noqa: FBT003 - a plain id was taken
    assert [each for each, _ in door.posted] == [UUID] * 4 + [PLAIN]
    assert door.posted[2][1] == door.posted[0][1] + GRID.base_increment
    assert all(each.status.final for each in bench.venue.book.values())


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("failure", [UnreachableError("lost"), RateLimitedError("429")])
def test_what_nobody_can_say_is_unclear_and_everything_is_cancelled(
    at: int, failure: VenueError
) -> None:
    """A post whose answer was lost proves nothing, and no answer keeps an order standing."""
    bench = Bench()
    found = probed(bench, Door(bench.venue, failing={at: failure}))
    told = (found.same, found.other_size, found.after_cancel)
    assert found.returns_old is (at == 5)
    assert at == 5 or Repeated.UNCLEAR in told
    assert found.left == ()
    assert all(each.status.final for each in bench.venue.book.values())


def test_a_probe_that_is_refused_asks_nothing_more() -> None:
    """Without the first order there is nothing to repeat."""
    bench = Bench()
    door = Door(bench.venue, "rejects")
    bench.venue.by_another(BTC, Side.BUY, "1", "1", client_order_id=UUID)
    found = probed(bench, door)
    assert len(door.posted) == 1
    assert found.list_lag_s is None
    assert not found.returns_old


def test_a_list_that_lags_is_waited_for_and_measured() -> None:
    """The lag is from the answer to the list, and a list that never shows it ends the probe."""
    bench = Bench()
    since = bench.clock.now()

    real = bench.venue.orders

    async def late(begin: object) -> object:
        told = await real(begin)  # type: ignore[arg-type]  # passed on as it came
        return told if bench.clock.now().since_s(since) >= 3.0 else []

    bench.venue.orders = late  # type: ignore[method-assign,assignment]  # the venue's list is behind
    found = probed(bench, Door(bench.venue))
    assert found.list_lag_s == pytest.approx(3.0)
    assert found.returns_old


def test_a_list_that_never_shows_the_order_proves_nothing() -> None:
    """After all patience the findings are unclear, and what was made is named."""
    bench = Bench()
    bench.venue.failing = {"orders": UnreachableError("down")}
    found = probed(bench, Door(bench.venue))
    assert (found.same, found.left) == (Repeated.UNCLEAR, ("venue-1",))


def test_what_cannot_be_cancelled_is_named() -> None:
    """A cancel that the venue never carries out leaves the order to its own end, and says so."""
    bench = Bench()
    bench.venue.lags = True
    found = probed(bench, Door(bench.venue))
    assert (found.left, found.after_cancel) == (("venue-1",), Repeated.UNCLEAR)


def test_an_id_that_is_no_uuid_may_be_refused() -> None:
    """The answer says whether it was taken."""
    bench = Bench()
    assert probed(bench, Door(bench.venue, plain=False)).plain_id is False


# The order itself


@given(
    bid=st.decimals("0.01", "1000000", places=2),
    below=st.decimals("0.1", "99.9", places=1),
    most=st.decimals("0.01", "100", places=2),
    steps=st.integers(0, 3),
    least=st.decimals("0.00000001", "1", places=8),
)
def test_no_probe_is_dear_or_near(
    bid: Decimal, below: Decimal, most: Decimal, steps: int, least: Decimal
) -> None:
    """Whatever it is built of: never above its value, never nearer to the bid than its terms."""
    grid = Product(BTC, Decimal("0.00000001"), Decimal("0.01"), least, Decimal("0.5"))
    try:
        order = ProbeOrder(grid, bid, ProbeTerms(most, below, 60), START, steps)
    except ValueError:
        return
    assert order.quantity * order.limit_price <= most
    assert 0 < order.limit_price <= bid * (100 - below) / 100
    assert order.quantity >= least


@pytest.mark.parametrize(
    ("bid", "terms", "steps"),
    [
        (Decimal(0), TERMS, 0),
        (Decimal("NaN"), TERMS, 0),
        (Decimal(20_000), ProbeTerms(Decimal(5), Decimal(0), 60), 0),
        (Decimal(20_000), ProbeTerms(Decimal(5), Decimal(100), 60), 0),
        (Decimal(20_000), ProbeTerms(Decimal("0.5"), Decimal(50), 60), 0),
        (Decimal("0.01"), TERMS, 0),
        (Decimal(20_000), TERMS, -1),
    ],
)
def test_a_probe_that_could_hurt_cannot_be_built(
    bid: Decimal, terms: ProbeTerms, steps: int
) -> None:
    """At the market, dear, or without a bid: there is no such value."""
    with pytest.raises((ValueError, ArithmeticError)):
        ProbeOrder(GRID, bid, terms, START, steps)


def test_no_exchange_takes_a_probe() -> None:
    """Side, form, size and price are no fields of it, and it is no approved order."""
    assert set(ProbeOrder.__slots__) == {"product", "bid", "terms", "expires", "steps"}
    assert not hasattr(ORDER, "intent")


# The ledger


def test_the_ledger_keeps_what_was_found_and_whose_the_ids_were() -> None:
    """A probe's orders are no strangers to any scan; the findings are read back as they were."""
    bench = Bench()
    found = ProbeFindings(
        Repeated.RETURNS_OLD, Repeated.REJECTS, Repeated.UNCLEAR, None, 2.0, ("v-1",)
    )
    body = {"symbol": "BTC-USD", "client_order_ids": [UUID, PLAIN], "who": "ann", "why": "test"}
    bench.record(RecordKind.PROBE, body)  # type: ignore[arg-type]  # a body of plain values
    bench.venue.by_another(BTC, Side.BUY, "1", "1", client_order_id=PLAIN)
    bench.desk.comparing.scanned = None
    bench.absorb()
    assert bench.state.foreign == {}
    assert bench.state.probed is None
    bench.record(RecordKind.PROBE, {**body, "findings": findings_body(found)})  # type: ignore[dict-item]  # the same
    assert bench.state.probed is not None
    assert bench.state.probed.findings == found == findings_of(findings_body(found))
    assert bench.replayed().probed == bench.state.probed
