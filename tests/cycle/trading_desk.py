"""A desk in memory: a real set, a real ledger on a memory disk, a market that is told by hand.

Positions, latches and results come about as they do in production, by records that are folded;
time moves only when a test moves it. The venue is a list of what was sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from cycle.small_sets import set_of

from engine.adapters.system.memory_disk import MemoryDisk
from engine.adapters.system.virtual_clock import VirtualClock
from engine.cycle.desk import Desk, Round
from engine.cycle.health import VenueHealth
from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.market import MarketView
from engine.cycle.records.recorder import Recorder
from engine.cycle.steps import snapshot
from engine.cycle.valuation import Valuation
from engine.ledger.bodies import plan_body
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind
from engine.ledger.state import State
from engine.model.account import FeeRates, KeyPermissions
from engine.model.market import Bar, Product, Quote
from engine.model.orders import Acknowledged, ExitPlan, Mode
from engine.model.symbols import Symbol
from engine.model.times import NS_PER_S, UtcTime
from engine.series import BarSource

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.model.account import Transfer
    from engine.model.market import MarketEvent
    from engine.model.orders import ApprovedOrder, Fill, SubmitOutcome, VenueOrder
    from engine.policyset.policyset import PolicySet
    from engine.ports import Clock, Gate

T = TypeVar("T")
START = UtcTime.parse("2026-03-02T12:00:00Z")  # a Monday
BTC = Symbol("BTC", "USD")
ETH = Symbol("ETH", "USD")
SOL = Symbol("SOL", "USD")
DOGE = Symbol("DOGE", "USD")
LISTED = (BTC, ETH, SOL, DOGE)
PLAN = ExitPlan(stop_pct=Decimal(5), blind_exit_after_s=1800)


def product(symbol: Symbol = BTC, **changes: object) -> Product:
    """A product with a plain grid."""
    fields = {
        "symbol": symbol,
        "base_increment": Decimal("0.0001"),
        "price_increment": Decimal("0.01"),
        "base_min_size": Decimal("0.001"),
        "quote_min_size": Decimal(1),
        **changes,
    }
    return Product(**fields)  # type: ignore[arg-type] # a builder for tests: fields by name


def done(coroutine: Coroutine[object, None, T]) -> T:
    """The answer of a coroutine that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return ended.value
    message = "something waited"
    raise AssertionError(message)


@dataclass
class ListVenue:
    """A venue that takes every order and fills what a test puts into `told`."""

    sent: list[ApprovedOrder] = field(default_factory=list)
    told: list[Fill] = field(default_factory=list)
    cash: dict[str, Decimal] = field(default_factory=dict)
    gone: list[VenueOrder] = field(default_factory=list)
    listed: list[Product] = field(default_factory=lambda: [product(each) for each in LISTED])
    clock: Clock | None = None

    async def submit(self, order: ApprovedOrder, gate: Gate) -> SubmitOutcome:
        """Take one order."""
        assert gate() is None
        self.sent.append(order)
        return Acknowledged(f"venue-{len(self.sent)}")

    async def cancel(self, venue_order_ids: Sequence[str]) -> Mapping[str, bool]:
        """Nothing rests here."""
        return dict.fromkeys(venue_order_ids, False)

    async def orders(self, since: UtcTime) -> Sequence[VenueOrder]:
        """Orders that a test says have ended."""
        return [each for each in self.gone if each.created >= since]

    async def fills(self, since: UtcTime) -> Sequence[Fill]:
        """Fills that a test has told."""
        return [each for each in self.told if each.time >= since]

    async def balances(self) -> Mapping[str, Decimal]:
        """What a test says."""
        return dict(self.cash)

    async def transfers(self, currency: str, since: UtcTime) -> Sequence[Transfer]:
        """Nobody pays in or out."""
        del currency, since
        return ()

    async def key_permissions(self) -> KeyPermissions:
        """Everything but moving money away."""
        return KeyPermissions(can_view=True, can_trade=True, can_transfer=False)

    async def fee_rates(self) -> FeeRates:
        """Nothing costs anything."""
        return FeeRates(Decimal(0), Decimal(0))

    async def products(self) -> Sequence[Product]:
        """What a test lists; by default the four of the desk."""
        return self.listed

    async def server_time(self) -> UtcTime:
        """The time of the clock that a test gave it, else that of the first cycle."""
        return self.clock.now() if self.clock else START


@dataclass
class Letters:
    """What the records of alerts tell: the route, what of which alert, and its words."""

    told: list[tuple[str, str, str]] = field(default_factory=list)

    def hear(self, record: Record, body: Body) -> None:
        """Keep what is told."""
        if record.kind is RecordKind.ALERT and body.get("told") is True:
            key = f":{body['key']}" if body["key"] else ""
            for route in body["to"]:
                subject = f"[{body['severity']}] {body['rule']}{key} {body['news']}"
                self.told.append((route, subject, str(body["text"])))


async def _bare(step: str, this: Round, work: Coroutine[object, object, None]) -> None:
    del step, this
    await work


def mined(symbol: Symbol) -> BarSource:
    """Every product has recorded bars."""
    del symbol
    return BarSource.RECORDED


@dataclass
class Bench:
    """A desk with hands: quotes, holdings, time, rounds."""

    policy_set: PolicySet
    mode: Mode = Mode.PAPER
    cash: str = "10000"
    now: UtcTime = START
    base_s: int = 60
    venue: ListVenue = field(default_factory=ListVenue)
    letters: Letters = field(default_factory=Letters)
    killed: str | None = None
    desk: Desk = field(init=False)
    _fills: int = 0

    def __post_init__(self) -> None:
        self.disk = MemoryDisk()
        self.journal = Journal.open(self.disk)
        clock = VirtualClock(self.now)
        programme = Programme(self.policy_set, self.mode)
        market = MarketView(programme.series, mined, self.base_s)
        self.desk = Desk(
            policy_set=self.policy_set,
            programme=programme,
            judge=Judge(self.policy_set, self.mode),
            mode=self.mode,
            recorder=Recorder(self.journal, State()),
            market=market,
            valuation=Valuation(self.policy_set.deployment, market),
            exchange=self.venue,
            clock=clock,
            guarded=_bare,
            kill_switch=lambda: self.killed,
            lease_held=lambda: True,
            products={each: product(each) for each in LISTED},
            health=VenueHealth(account_read=self.now),
            drift_from=(clock.now(), clock.monotonic_s()),
            policy_drifted=lambda: False,
        )
        self.desk.recorder.hearers.append(self.letters.hear)
        genesis: Body = {
            "mode": self.mode.value,
            "account": "main",
            "nonce": "00" * 32,
            "cash": {"USD": self.cash},
        }
        self.record(RecordKind.GENESIS, genesis)

    @property
    def state(self) -> State:
        """The ledger's state."""
        return self.desk.state

    def record(self, kind: RecordKind, body: Body) -> None:
        """Append one record, now."""
        self.desk.recorder.record(kind, self.now, body)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now = self.now.plus_s(seconds)

    def show(self, event: MarketEvent) -> None:
        """Let the market show something."""
        self.desk.market.on_event(event)

    def quote(
        self,
        symbol: Symbol = BTC,
        bid: str | None = "99.95",
        ask: str | None = "100.05",
        *,
        size: str | None = "50",
        age_s: float = 0.0,
        venue_time: UtcTime | None = None,
    ) -> None:
        """Show a quote; by default ten bps around 100."""
        sizes = None if size is None else Decimal(size)
        time = self.now.plus_s(-age_s)
        self.show(Quote(symbol, time, _number(bid), _number(ask), sizes, sizes, venue_time))

    def bars(self, closes: Sequence[float], symbol: Symbol = BTC, volume: str = "10") -> None:
        """Completed bars of the bench's length, the last one ending at or just before now."""
        end = UtcTime(self.now.ns - self.now.ns % (self.base_s * NS_PER_S))
        for index, close in enumerate(closes):
            begin = end.plus_s(self.base_s * (index - len(closes)))
            price = Decimal(repr(close))
            self.show(Bar(symbol, begin, self.base_s, price, price, price, price, Decimal(volume)))

    def hold(  # noqa: PLR0913 - a position has that many parts
        self,
        symbol: Symbol = BTC,
        quantity: str = "2",
        price: str = "100",
        *,
        strategy: str = "follower",
        plan: ExitPlan = PLAN,
        intent: str = "entry",
        filled: str | None = None,
        ladder: str = "entry",
    ) -> int:
        """Buy as the cycle would, by records; `filled` less than `quantity` leaves it working."""
        number = self.state.next_intent
        wanted: Body = {
            "why": intent,
            "strategy": strategy,
            "plan": plan_body(plan),
            "ladder": ladder,
        }
        self.record(RecordKind.INTENT, {**_intent(number, symbol, quantity, price), **wanted})
        identity: Body = {
            "intent": number,
            "client_order_id": f"own-{number}",
            "symbol": str(symbol),
        }
        self.record(RecordKind.SENT, identity)
        self.record(RecordKind.ACKNOWLEDGED, {**identity, "venue_order_id": f"v-{number}"})
        amount = quantity if filled is None else filled
        if Decimal(amount):
            self.fill(
                number, symbol, amount, price, "BUY" if intent in {"entry", "add"} else "SELL"
            )
        return number

    def fill(
        self,
        number: int,
        symbol: Symbol,
        quantity: str,
        price: str,
        side: str,
        *,
        fee: str = "0",
    ) -> None:
        """One execution, as reconcile records it."""
        self._fills += 1
        body: Body = {
            "intent": number,
            "fill_id": f"fill-{self._fills}",
            "client_order_id": f"own-{number}",
            "venue_order_id": f"v-{number}",
            "symbol": str(symbol),
            "side": side,
            "quantity": quantity,
            "price": price,
            "fee": fee,
            "maker": True,
            "time": str(self.now),
        }
        self.record(RecordKind.FILLED, body)

    def close(self, equity: str | None = None, **parts: Body) -> None:
        """End a cycle: the record that marks results and positions."""
        body: Body = {
            "cycle": self.state.cycle + 1,
            "equity_usd": equity,
            "universe": parts.get("universe", {}),
            "marks": parts.get("marks", {}),
            "overdue": parts.get("overdue", {}),
        }
        self.record(RecordKind.CYCLE, body)

    def round(self) -> Round:
        """A new round with its facts, as far as the snapshot."""
        this = Round(self.state.cycle + 1, self.now, killed=self.killed)
        this.universe = dict(self.state.universe)
        snapshot.take(self.desk, this)
        return this


def bench(*texts: str, mode: Mode = Mode.PAPER, cash: str = "10000") -> Bench:
    """A desk over the base set and these documents."""
    return Bench(set_of(*texts), mode=mode, cash=cash)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _intent(number: int, symbol: Symbol, quantity: str, price: str) -> Body:
    return {
        "intent": number,
        "client_order_id": f"own-{number}",
        "symbol": str(symbol),
        "form": "post_only",
        "quantity": quantity,
        "limit_price": price,
        "worst_price": price,
        "reference_price": price,
        "reason": "a test",
        "ladder": "entry",
        "rung": 0,
        "expires": None,
        "policy_set": "0" * 64,
    }
