"""A whole desk on fakes: the real judge, ledger, fold and steps over a disk and a venue in memory.

`Bench` begins a stream in paper mode with 10,000 USD, three products, and a set that lets a wish
rest first and take at last. Tests set the market and the clock, and run steps or whole cycles.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

from fakes.clock import ManualClock
from fakes.disk import WitnessDisk
from fakes.exchange import FakeExchange
from policyset.sets import altered, composed, documents

from engine.cycle import clockwork, cycle
from engine.cycle.desk import Desk, Round
from engine.cycle.health import VenueHealth, WatchedExchange
from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.market import MarketView
from engine.cycle.orders.sending import Wish, place
from engine.cycle.records.activation import activation_body
from engine.cycle.records.recorder import Recorder
from engine.cycle.records.recovery import recover
from engine.cycle.steps import breakers, reconcile, snapshot
from engine.cycle.valuation import Valuation
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, decode_body
from engine.ledger.state import Membership, State
from engine.model.market import Product, Quote
from engine.model.orders import ExitPlan, Intent, Mode
from engine.model.symbols import Symbol
from engine.run.session import guarded
from engine.series import BarSource

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from engine.cycle.clockwork import Command
    from engine.cycle.desk import Told
    from engine.ledger.bodies import Body
    from engine.policyset.policyset import PolicySet

T = TypeVar("T")
BTC, ETH, SOL = (Symbol(base, "USD") for base in ("BTC", "ETH", "SOL"))
STEP = Decimal("0.00000001")
PLAN = ExitPlan(stop_pct=Decimal(3), blind_exit_after_s=1800, target_pct=Decimal(5))
NONCE = "ab" * 32

LADDERS = """
kind: ExecutionPolicy
metadata: {name: orders, description: Rest first and take at last.}
spec:
  ladders:
    entry: [{order: post_only, time_to_live: 60s}, {order: limit_ioc, collar_bps: 30}]
    exit: [{order: post_only, time_to_live: 60s}, {order: limit_ioc, collar_bps: 50}]
    exit_stop:
      - {order: limit_ioc, collar_bps: 50}
      - {order: limit_ioc, collar_bps: 400}
      - {order: market_ioc}
    trim: [{order: limit_ioc, collar_bps: 50}]
  guards:
    - name: quote_age
      intents: [entry, add]
      require: quote.age_s <= params.max_quote_age_s
      on_breach: deny
      stage: enforce
  params: {max_quote_age_s: 5}
  reconcile:
    scan_every: 5m
    look_back: 24h
    settles_within_s: 0
    slack: {balance_usd: 0.01, fill_usd: 0.2, fill_pct: 2, fee_usd: 0.01}
    accept_transfers_usd: 0
"""
IDLE = """
kind: Strategy
metadata: {name: tight_spread, description: Proposes nothing by itself; its name is on the wishes.}
spec:
  enabled: true
  tiers: [any]
  signals: {tight: quote.spread_bps <= params.max_spread_bps}
  entry: signals.tight
  conviction: params.conviction_ratio
  min_conviction: 0.1
  size_pct: params.size_pct
  params: {max_spread_bps: 0, conviction_ratio: 1, size_pct: 1}
  exit: {stop_pct: 3, target_pct: 5, blind_exit_after: 30m}
  budget: {at_risk_pct: 90}
"""
EAGER = IDLE.replace("max_spread_bps: 0", "max_spread_bps: 60")
RETIRED = IDLE.replace("enabled: true", "enabled: false")
MANY = """
kind: RiskLimit
metadata: {name: max_new_positions, description: As many new positions in a cycle as a test wants.}
spec:
  scope: portfolio
  intents: [entry, add]
  require: portfolio.new_positions_cycle_count < params.max_count
  params: {max_count: 100}
  on_breach: deny
  stage: enforce
"""
AT_RISK = """
kind: RiskLimit
metadata: {{name: max_total_at_risk, description: No more than this share of equity.}}
spec:
  scope: portfolio
  intents: [entry, add]
  require: portfolio.at_risk_pct_after <= params.max_at_risk_pct
  params: {{max_at_risk_pct: {0}}}
  on_breach: resize
  stage: enforce
"""


@cache
def bench_set(*texts: str) -> PolicySet:
    """The set that a bench runs on, with other documents in it."""
    return composed(altered(altered(documents("any_pair"), LADDERS, IDLE, MANY), *texts))


@cache
def _compiled(policy_set_texts: tuple[str, ...], mode: Mode) -> tuple[Programme, Judge]:
    policy_set = bench_set(*policy_set_texts)
    return Programme(policy_set, mode), Judge(policy_set, mode)


def done(coroutine: Coroutine[object, None, T]) -> T:
    """What a coroutine returns that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    message = "nothing on a bench ever waits"
    raise AssertionError(message)


def product(symbol: Symbol, least: str = "0.00000001") -> Product:
    """A product with a fine grid."""
    return Product(symbol, STEP, Decimal("0.01"), Decimal(least), Decimal(1))


def buy(symbol: Symbol = BTC, value: str = "100", *, plan: ExitPlan | None = PLAN) -> Wish:
    """A wish to enter for so many dollars."""
    return Wish(
        symbol, Intent.ENTRY, "entry", "tight_spread", "test", value=Decimal(value), plan=plan
    )


def sell(symbol: Symbol, quantity: str | Decimal, ladder: str = "exit") -> Wish:
    """A wish to leave."""
    return Wish(symbol, Intent.EXIT, ladder, "tight_spread", "test", quantity=Decimal(quantity))


@dataclass
class Bench:
    """A desk and the hands of a test on it; `texts` are documents put into the set."""

    texts: tuple[str, ...] = ()
    mode: Mode = Mode.PAPER
    killed: str | None = None
    leased: bool = True
    deeds: list[str] = field(default_factory=list)
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.disk = WitnessDisk(self.deeds)
        cash = {"USD": Decimal(10_000)}
        self.venue = FakeExchange(self.clock, dict(cash), self.deeds)
        self.venue.listed = tuple(product(each) for each in (BTC, ETH, SOL))
        self.policy_set = bench_set(*self.texts)
        self.desk = self._desk()
        self._begin(cash)
        # A first cycle that sees no market: results are measured from here.
        self.cycle()
        self.clock.passes(1)
        for symbol, price in ((BTC, 20_000), (ETH, 1_000), (SOL, 50)):
            self.quote(symbol, str(price), str(price * Decimal("1.0002")))
        self.deeds.clear()

    def _desk(self) -> Desk:
        programme, judge = _compiled(self.texts, self.mode)
        market = MarketView(programme.series, lambda _symbol: BarSource.QUOTES)
        health = VenueHealth()
        desk = Desk(
            policy_set=self.policy_set,
            programme=programme,
            judge=judge,
            mode=self.mode,
            recorder=Recorder(Journal.open(self.disk), State()),
            market=market,
            valuation=Valuation(self.policy_set.deployment, market),
            exchange=WatchedExchange(self.venue, self.clock, health),
            clock=self.clock,
            guarded=_unguarded,
            kill_switch=lambda: self.killed,
            lease_held=lambda: self.leased,
            products={each: product(each) for each in (BTC, ETH, SOL)},
            health=health,
            drift_from=(self.clock.now(), self.clock.monotonic_s()),
        )
        desk.policy_drifted = lambda: False
        desk.guarded = partial(guarded, desk)
        return desk

    def _begin(self, cash: dict[str, Decimal]) -> None:
        told: Body = {
            "mode": self.mode.value,
            "account": "main",
            "nonce": NONCE,
            "cash": {name: str(units) for name, units in cash.items()},
        }
        self.record(RecordKind.GENESIS, told)
        self.record(RecordKind.SET_ACTIVATED, activation_body(self.policy_set))
        self.desk.recorder.sync()
        # The gaps between trades are counted from the genesis.
        self.clock.passes(3600)

    @property
    def state(self) -> State:
        """The live state."""
        return self.desk.state

    def record(self, kind: RecordKind, body: Body) -> None:
        """Put a record into the ledger."""
        self.desk.recorder.record(kind, self.clock.now(), body)

    def quote(
        self, symbol: Symbol, bid: str | None, ask: str | None, size: str = "1000000"
    ) -> None:
        """The market shows this now."""
        prices = [None if each is None else Decimal(each) for each in (bid, ask)]
        now, much = self.clock.now(), Decimal(size)
        self.desk.market.on_event(Quote(symbol, now, prices[0], prices[1], much, much))

    def relist(self, changed: Product) -> None:
        """The venue changes a product, and the desk has heard of it."""
        kept = [each for each in self.venue.listed if each.symbol != changed.symbol]
        self.venue.listed = (*kept, changed)
        self.desk.products[changed.symbol] = changed

    def again(self) -> None:
        """Every product shows the same quote once more, fresh."""
        for old in list(self.desk.market.quotes.values()):
            bid, ask = (None if each is None else str(each) for each in (old.bid, old.ask))
            self.quote(old.symbol, bid, ask)

    def wait(self, seconds: float) -> None:
        """Let time pass, and show the market again."""
        self.clock.passes(seconds)
        self.again()

    def round(self) -> Round:
        """A cycle that has begun: facts taken, breakers asked, every quoted product a member."""
        this = Round(self.state.cycle + 1, self.clock.now(), killed=self.desk.kill_switch())
        this.universe = {symbol: Membership("any") for symbol in self.desk.market.symbols}
        snapshot.take(self.desk, this)
        breakers.run(self.desk, this)
        return this

    def place(self, wish: Wish, this: Round | None = None) -> Told:
        """Take one wish all the way."""
        told = done(place(self.desk, this or self.round(), wish))
        assert told is not None
        return told

    def cycle(self) -> Round:
        """Run one whole cycle now."""
        return done(cycle.run(self.desk, self.clock.now()))

    def tick(self, *commands: Command) -> None:
        """One tick of the clockwork."""
        done(clockwork.run(self.desk, self.clock.now(), commands))

    def bodies(self, *kinds: RecordKind) -> list[Body]:
        """The bodies of the records of these kinds, decoded from the disk."""
        records = self.desk.recorder._journal.records()
        return [decode_body(each.body) for each in records if each.kind in kinds]  # type: ignore[misc] # decoded JSON is Json

    def kinds(self) -> list[str]:
        """The kinds of all records after the genesis, the activation and the first, quiet cycle."""
        records = list(self.desk.recorder._journal.records())
        return [each.kind.value for each in records[3:]]

    def replayed(self) -> State:
        """The state that the records alone add up to."""
        return recover(self.desk.recorder._journal.records()).state

    def hold(self, symbol: Symbol = BTC, value: str = "100") -> Decimal:
        """Buy, have it filled in full, and tell how much is held."""
        this = self.round()
        told = self.place(buy(symbol, value), this)
        assert told.outcome == "sent", (told, [str(each) for each in told.decision.reasons])
        venue_id = next(
            each.venue_order_id
            for each in self.venue.book.values()
            if each.client_order_id == told.client_order_id
        )
        left = self.venue.book[venue_id].quantity - self.venue.book[venue_id].filled_quantity
        if left:
            self.venue.fill(venue_id, left)
        self.absorb()
        return self.state.positions[symbol].quantity

    def absorb(self) -> None:
        """Take in what the venue tells."""
        done(reconcile.run(self.desk, self.clock.now()))


async def _unguarded(step: str, this: Round, work: Coroutine[object, object, None]) -> None:
    del step, this
    await work
