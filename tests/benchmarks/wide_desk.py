"""A desk over the shipped set with hundreds of products, warm series and no I/O: to be measured.

In: how many products. Out: `WideDesk`, which shows its market a new quote of every product and
runs a cycle. The set is the shipped one with an overlay that lists the products and enables its
strategies; the ledger is in memory, the venue is the paper venue, quotes are seeded.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.adapters.paper import PaperExchange, PaperFees
from engine.adapters.system.memory_disk import MemoryDisk
from engine.adapters.system.virtual_clock import VirtualClock
from engine.cycle import cycle, operator
from engine.cycle.desk import Desk, Round
from engine.cycle.health import VenueHealth, WatchedExchange
from engine.cycle.judge import Judge
from engine.cycle.judging.invariants import Reach
from engine.cycle.judging.programme import Programme
from engine.cycle.loop import unswept
from engine.cycle.market import MarketView
from engine.cycle.records.recorder import Recorder
from engine.cycle.valuation import Valuation
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind
from engine.ledger.state import State
from engine.model.market import Bar, Product, Quote
from engine.model.orders import Mode
from engine.model.symbols import Symbol
from engine.model.times import NS_PER_S, UtcTime
from engine.policyset.opening import load_policy_set
from engine.series import BarSource

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from engine.policyset.policyset import PolicySet

ROOT = Path(__file__).resolve().parents[2]
START = UtcTime.parse("2025-11-22T10:00:00Z")
BAR_S = 300
WARM_BARS = 75  # six hours and a little, the longest look-back of the overlay
CYCLE_S = 60.0
CASH = {"USD": Decimal(10_000)}
OVERLAY = """\
apiVersion: mandate/v1
kind: PolicySet
metadata: {name: wide, description: The shipped set over a wide market., owner: risk}
spec:
  base: ../recorded
  patches:
    - target: UniverseFilter/spot
      set:
        max_symbols: 1000
        tiers:
          - {name: tight, require: quote.spread_bps <= params.max_bps, params: {max_bps: 4}}
          - {name: middle, require: quote.spread_bps <= params.max_bps, params: {max_bps: 12}}
          - {name: recorded, require: quote.spread_bps <= params.max_bps, params: {max_bps: 50}}
      reason: every product is asked for three tiers, and enters the last
    - target: CircuitBreaker/price_outlier
      set:
        trip_when: |
          abs(change_pct("5m")) > params.max_sigma_ratio * volatility_pct("1h")
            and volume_ratio("5m", "1h") < params.min_volume_ratio
      reason: bars of five minutes tell of no shorter move, and six hours of them of no day
    - target: ExecutionPolicy/orders
      set:
        params.max_cost_bps: {by: order.tier, tight: 60, middle: 60, recorded: 70, none: 60}
      reason: the tiers have other names
"""


@cache
def wide_set() -> PolicySet:
    """The shipped set with the overlay, read from a copy: overlays lie beside their base."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("policies", "strategies"):
            shutil.copytree(ROOT / name, Path(folder) / name)
        wide = Path(folder) / "policies" / "wide"
        wide.mkdir()
        (wide / "policyset.yaml").write_text(OVERLAY)
        return load_policy_set(wide).required()


class WideDesk:
    """A trading desk over `count` products, ready for its first cycle."""

    def __init__(self, count: int) -> None:
        names = ("BTC", *(f"COIN{number:03d}" for number in range(1, count)))
        self.symbols = tuple(Symbol(name, "USD") for name in names)
        self.now = START
        self._dice = random.Random(7)  # noqa: S311 - a seeded market, not a secret
        self._prices = dict.fromkeys(self.symbols, 100.0)
        self.clock = VirtualClock(START)
        self.exchange = PaperExchange(
            self._products(), CASH, PaperFees(Decimal(40), Decimal(60)), self.clock
        )
        self.desk = self._desk()
        self.desk.recorder.record(RecordKind.GENESIS, START, _genesis())
        self._warm_up()

    def _products(self) -> dict[Symbol, Product]:
        grid = Decimal("0.00000001"), Decimal("0.01"), Decimal("0.00000001"), Decimal(1)
        return {symbol: Product(symbol, *grid) for symbol in self.symbols}

    def _desk(self) -> Desk:
        policy_set, disk = wide_set(), MemoryDisk()
        programme = Programme(policy_set, Mode.PAPER)
        market = MarketView(programme.series, lambda _symbol: BarSource.RECORDED, BAR_S)
        health = VenueHealth()
        return Desk(
            policy_set=policy_set,
            programme=programme,
            judge=Judge(policy_set, Mode.PAPER).prepare(),
            mode=Mode.PAPER,
            recorder=Recorder(Journal.open(disk), State()),
            market=market,
            valuation=Valuation(policy_set.deployment, market),
            exchange=WatchedExchange(self.exchange, self.clock, health),
            clock=self.clock,
            guarded=_unguarded,
            kill_switch=lambda: operator.read_kill_switch(disk),
            lease_held=lambda: True,
            products=self._products(),
            health=health,
            drift_from=(self.clock.now(), self.clock.monotonic_s()),
        )

    def _warm_up(self) -> None:
        for number in range(WARM_BARS):
            self._show_bars(START.plus_s(BAR_S * (number - WARM_BARS)))

    def _show_bars(self, begin: UtcTime) -> None:
        for symbol in self.symbols:
            price = self._next_price(symbol)
            bar = Bar(symbol, begin, BAR_S, price, price, price, price, Decimal(10))
            self.desk.market.on_event(bar)

    def _next_price(self, symbol: Symbol) -> Decimal:
        self._prices[symbol] *= 1.0 + self._dice.gauss(0.0, 0.0015)
        return Decimal(f"{self._prices[symbol]:.2f}")

    def show_market(self) -> None:
        """A minute passes: every product is quoted anew, some 20 bps wide; bars where one ends."""
        self.clock.advance(CYCLE_S)
        self.now = self.clock.now()
        if self.now.ns % (BAR_S * NS_PER_S) == 0:
            self._show_bars(self.now.plus_s(-BAR_S))
        for symbol in self.symbols:
            bid = self._next_price(symbol)
            quote = Quote(symbol, self.now, bid, bid + Decimal("0.20"), Decimal(90), Decimal(90))
            self.desk.market.on_event(quote)
            self.exchange.on_event(quote)

    def cycle(self) -> Round:
        """One cycle, from the gate to its record."""
        with unswept():
            return _finished(cycle.run(self.desk, self.now))

    @property
    def rules_per_product(self) -> int:
        """What a cycle asks of each product before any order: invariants count, limits do not."""
        programme = self.desk.programme
        asked = (programme.symbol_breakers, programme.symbol_alerts, programme.enter)
        strategies = (each.questions for each in programme.strategies)
        rules = sum(len(each.rules) for each in (*asked, programme.stay, *strategies))
        return rules + len(programme.invariants[Reach.PRODUCT].trees)


def _genesis() -> dict[str, object]:
    cash = {name: str(units) for name, units in CASH.items()}
    return {"mode": "paper", "account": "main", "nonce": "00" * 32, "cash": cash}


async def _unguarded(step: str, this: Round, work: Coroutine[object, object, None]) -> None:
    del step, this
    await work


def _finished(work: Coroutine[object, None, Round]) -> Round:
    """The answer of a coroutine that waits for nothing outside of this process."""
    try:
        work.send(None)
    except StopIteration as ended:
        return ended.value
    message = "the cycle waited for something"
    raise RuntimeError(message)
