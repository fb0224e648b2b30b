"""An oracle of its own: what limits are measured by, worked out anew from the list of records.

In: records as plain data, prices, and an order. Out: quantities by the vocabulary's names. It has
no state, no windows and nothing of the engine: every question walks the whole list again, in
Decimals, so that a mistake in a fold, a cache or a pruned window shows as a difference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

S = 10**9
HOUR, DAY = 3600 * S, 86_400 * S
ZERO = Decimal(0)
ADDS = ("entry", "add")
RESULTS = ("portfolio.pnl_day_pct", "portfolio.pnl_week_pct", "portfolio.drawdown_pct")
Event = tuple[str, int, dict[str, Any]]


@dataclass
class Order:
    """One order as the records tell it."""

    symbol: str
    side: str
    why: str
    form: str
    strategy: str
    ladder: str
    parent: int | None
    quantity: Decimal
    limit: Decimal | None
    worst: Decimal
    filled: Decimal = ZERO
    over: bool = False

    @property
    def live(self) -> bool:
        """Whether it can still change what is held: not ended, unknown outcomes included."""
        return not self.over and self.filled < self.quantity

    @property
    def left(self) -> Decimal:
        """What may still fill."""
        return self.quantity - self.filled


@dataclass
class World:
    """What does not come from records: prices now, rates, the venue's minimums, themes."""

    now: int
    bids: dict[str, Decimal]
    asks: dict[str, Decimal]
    rates: dict[str, Decimal] = field(default_factory=lambda: {"USD": Decimal(1)})
    least_units: Decimal = Decimal("0.001")
    least_value: Decimal = Decimal(1)
    maker_bps: Decimal = Decimal(40)
    taker_bps: Decimal = Decimal(60)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)


def orders(events: list[Event]) -> dict[int, Order]:
    """Every order, with what was filled of it and whether it is over."""
    found: dict[int, Order] = {}
    fills: set[str] = set()
    for kind, _, body in events:
        if kind == "intent":
            found[body["intent"]] = _order(body)
        elif kind in {"rejected", "cancelled", "not_seen"}:
            found[body["intent"]].over = True
        elif kind == "filled" and body["fill_id"] not in fills:
            fills.add(body["fill_id"])
            found[body["intent"]].filled += Decimal(body["quantity"])
    return found


def _order(body: dict[str, Any]) -> Order:
    limit = body["limit_price"]
    return Order(
        symbol=body["symbol"],
        side="BUY" if body["why"] in ADDS else "SELL",
        why=body["why"],
        form=body["form"],
        strategy=body["strategy"],
        ladder=body["ladder"],
        parent=body.get("parent"),
        quantity=Decimal(body["quantity"]),
        limit=None if limit is None else Decimal(limit),
        worst=Decimal(body["worst_price"]),
    )


Fill = tuple[int, dict[str, Any]]


def fills(events: list[Event]) -> list[Fill]:
    """Every execution once, with the instant of its record."""
    found: dict[str, Fill] = {}
    for kind, ns, body in events:
        if kind == "filled":
            found.setdefault(body["fill_id"], (ns, body))
    return list(found.values())


def units(filled: list[Fill]) -> dict[str, Decimal]:
    """What is held of each product."""
    held: dict[str, Decimal] = {}
    for _, body in filled:
        sign = 1 if body["side"] == "BUY" else -1
        held[body["symbol"]] = held.get(body["symbol"], ZERO) + sign * Decimal(body["quantity"])
    return {symbol: amount for symbol, amount in held.items() if amount}


def cash(events: list[Event], filled: list[Fill]) -> dict[str, Decimal]:
    """Units of quote currencies: the genesis, the flows, and what fills paid and brought."""
    genesis = next(body for kind, _, body in events if kind == "genesis")
    found = {name: Decimal(amount) for name, amount in genesis["cash"].items()}
    for kind, _, body in events:
        if kind == "cash_flow" and "settled" not in body:
            name = body["currency"]
            found[name] = found.get(name, ZERO) + Decimal(body["amount"])
    for _, body in filled:
        name = body["symbol"].partition("-")[2]
        paid = Decimal(body["quantity"]) * Decimal(body["price"])
        sign = -1 if body["side"] == "BUY" else 1
        found[name] = found.get(name, ZERO) + sign * paid - Decimal(body["fee"])
    return found


def episodes(filled: list[Fill], symbol: str) -> list[list[Fill]]:
    """The fills of a product from flat to flat; the last list is open while something is held."""
    found: list[list[Fill]] = [[]]
    held = ZERO
    for ns, body in filled:
        if body["symbol"] != symbol:
            continue
        found[-1].append((ns, body))
        held += Decimal(body["quantity"]) * (1 if body["side"] == "BUY" else -1)
        if not held:
            found.append([])
    return found


def result(episode: list[Fill]) -> Decimal:
    """What came back less what went out, fees of both sides paid."""
    total = ZERO
    for _, body in episode:
        worth = Decimal(body["quantity"]) * Decimal(body["price"])
        total += (worth if body["side"] == "SELL" else -worth) - Decimal(body["fee"])
    return total


class Oracle:
    """Every quantity about one order, `order` as the wish says it."""

    def __init__(self, events: list[Event], world: World) -> None:
        self.events = events
        self.world = world
        self.orders = orders(events)
        self.live = [each for each in self.orders.values() if each.live]
        self.fills = fills(events)
        self.units = units(self.fills)
        self.cash = cash(events, self.fills)
        self.genesis = next(ns for kind, ns, _ in events if kind == "genesis")

    def rate(self, symbol: str) -> Decimal:
        """What a unit of the quote currency is worth."""
        return self.world.rates[symbol.partition("-")[2]]

    def value(self, symbol: str) -> Decimal:
        """What is held of a product, at the bid."""
        held = self.units.get(symbol, ZERO)
        return held * self.world.bids[symbol] * self.rate(symbol) if held else ZERO

    def pending(self, order: Order) -> Decimal:
        """What a buy may still cost."""
        return order.left * order.worst * self.rate(order.symbol) if order.side == "BUY" else ZERO

    def at_risk(self, symbols: set[str]) -> Decimal:
        """Held and pending together."""
        held = sum((self.value(each) for each in symbols), ZERO)
        return held + sum((self.pending(o) for o in self.live if o.symbol in symbols), ZERO)

    def equity(self) -> Decimal:
        """Cash and coins."""
        money = sum((a * self.world.rates[n] for n, a in self.cash.items()), ZERO)
        return money + sum((self.value(each) for each in self.units), ZERO)

    def dust(self, symbol: str) -> bool:
        """Too little to be sold."""
        held = self.units[symbol]
        small = held * self.world.bids[symbol] < self.world.least_value
        return held < self.world.least_units or small

    def holder(self, symbol: str) -> str:
        """The strategy whose order opened the position."""
        (_, first), *_ = episodes(self.fills, symbol)[-1]
        return self.orders[first["intent"]].strategy

    # Exposure

    def exposure(self, symbol: str, strategy: str) -> dict[str, Decimal]:
        """What limits of scope symbol, strategy and portfolio are measured by."""
        everything = {*self.units, *(each.symbol for each in self.live)}
        own = {each for each in self.units if self.holder(each) == strategy}
        buys = [each for each in self.live if each.side == "BUY"]
        mine = sum((self.pending(each) for each in buys if each.strategy == strategy), ZERO)
        open_ = {each for each in self.units if not self.dust(each)} | {o.symbol for o in buys}
        return {
            "position.value_usd": self.value(symbol),
            "position.pending_buy_usd": sum(
                (self.pending(each) for each in buys if each.symbol == symbol), ZERO
            ),
            "position.pending_sell_quantity": sum(
                (o.left for o in self.live if o.symbol == symbol and o.side == "SELL"), ZERO
            ),
            "portfolio.at_risk_usd": self.at_risk(everything),
            "portfolio.gross_usd": sum((self.value(each) for each in self.units), ZERO),
            "portfolio.equity_usd": self.equity(),
            "portfolio.cash_available_usd": self.free(symbol) * self.rate(symbol),
            "portfolio.open_positions_count": Decimal(len(open_)),
            "strategy.at_risk_usd": mine + sum((self.value(each) for each in own), ZERO),
        }

    def free(self, symbol: str) -> Decimal:
        """Cash of the quote currency that no live buy may still need."""
        name = symbol.partition("-")[2]
        need = ZERO
        for each in self.live:
            if each.side == "BUY" and each.symbol.partition("-")[2] == name:
                maker = each.form == "post_only"
                bps = self.world.maker_bps if maker else self.world.taker_bps
                need += each.left * each.worst * (1 + bps / 10_000)
        return self.cash.get(name, ZERO) - need

    def group(self, name: str) -> Decimal:
        """At risk in a theme; products in none are `others` together."""
        bases = {each for theme in self.world.groups.values() for each in theme}
        symbols = {*self.units, *(each.symbol for each in self.live)}
        if name == "others":
            inside = {each for each in symbols if each.partition("-")[0] not in bases}
        else:
            inside = {e for e in symbols if e.partition("-")[0] in self.world.groups[name]}
        return self.at_risk(inside)

    # Pace

    def pace(self, symbol: str, strategy: str, side: str) -> dict[str, Decimal]:
        """How often, and how long ago."""
        sent = [(ns, self.orders[b["intent"]]) for k, ns, b in self.events if k == "sent"]
        adds = [ns for ns, each in sent if each.why in ADDS]
        first = [ns for ns, each in sent if each.why in ADDS and each.parent is None]
        messages = [ns for kind, ns, _ in self.events if kind in {"sent", "cancel"}]
        like = [
            ns
            for kind, ns, body in self.events
            if kind == "intent"
            and (body["symbol"], body["strategy"]) == (symbol, strategy)
            and _order(body).side == side
        ]
        traded = self._deeds()
        counts = {
            "pace.orders_1m_count": self.count(adds, 60),
            "pace.orders_1h_count": self.count(adds, 3600),
            "pace.orders_24h_count": self.count(adds, 86_400),
            "pace.entries_1h_count": self.count(first, 3600),
            "pace.entries_24h_count": self.count(first, 86_400),
            "pace.messages_1s_count": self.count(messages, 1),
            "pace.messages_1m_count": self.count(messages, 60),
            "pace.last_trade_age_s": self.age([ns for _, _, ns in traded["trade"]]),
            "pace.last_loss_age_s": self.age([ns for _, _, ns in traded["loss"]]),
            "pace.losses_consecutive_count": self._losses(),
            "strategy.executions_since_arm_count": self._executions(strategy),
            "order.duplicate_age_s": self.age(like),
            "position.adds_24h_count": self._adds(symbol),
        }
        ages = {
            f"pace.symbol_last_{deed}_age_s": self.age(
                [n for _, each, n in found if each == symbol]
            )
            for deed, found in traded.items()
        }
        return {**counts, **ages}

    def count(self, times: list[int], seconds: int) -> Decimal:
        """How many lie less than so many seconds back."""
        return Decimal(sum(1 for each in times if self.world.now - each < seconds * S))

    def age(self, times: list[int]) -> Decimal:
        """Seconds since the last; since the ledger's genesis where there was none."""
        return Decimal(self.world.now - max(times, default=self.genesis)) / S

    def _deeds(self) -> dict[str, list[tuple[int, str, int]]]:
        found: dict[str, list[tuple[int, str, int]]] = {
            deed: [] for deed in ("trade", "entry", "stop", "win", "loss", "failure")
        }
        for ns, body in self.fills:
            order = self.orders[body["intent"]]
            told = (ns, body["symbol"], ns)
            found["trade"].append(told)
            if order.why in ADDS:
                found["entry"].append(told)
            if order.ladder == "exit_stop":
                found["stop"].append(told)
        for ns, symbol, lost in self._closed():
            found["loss" if lost else "win"].append((ns, symbol, ns))
        for kind, ns, body in self.events:
            if _failed(kind, body):
                found["failure"].append((ns, self.orders[body["intent"]].symbol, ns))
        return found

    def _closed(self) -> list[tuple[int, str, bool]]:
        """Positions that were closed, in the order of their last fills, and whether each lost."""
        places = {body["fill_id"]: place for place, (_, body) in enumerate(self.fills)}
        found = []
        for symbol in {body["symbol"] for _, body in self.fills}:
            for episode in episodes(self.fills, symbol)[:-1]:
                ns, last = episode[-1]
                found.append((places[last["fill_id"]], ns, symbol, result(episode) < 0))
        return [(ns, symbol, lost) for _, ns, symbol, lost in sorted(found)]

    def _losses(self) -> Decimal:
        count = 0
        for _, _, lost in self._closed():
            count = count + 1 if lost else 0
        return Decimal(count)

    def _executions(self, strategy: str) -> Decimal:
        mine = [self.orders[body["intent"]] for _, body in self.fills]
        return Decimal(sum(1 for o in mine if o.why in ADDS and o.strategy == strategy))

    def _adds(self, symbol: str) -> Decimal:
        begun: dict[int, int] = {}
        for ns, body in self.fills:
            order = self.orders[body["intent"]]
            if order.why == "add" and order.symbol == symbol:
                begun.setdefault(body["intent"], ns)
        return self.count(list(begun.values()), 86_400)

    # The order against what is there

    def against(self, symbol: str, side: str, limit: Decimal | None) -> bool:
        """Whether it could meet a live order of ours on the other side."""
        for each in self.live:
            if each.symbol != symbol or each.side == side:
                continue
            if limit is None or each.limit is None:
                return True
            low, high = (each.limit, limit) if side == "BUY" else (limit, each.limit)
            if high >= low:
                return True
        return False

    def beyond_mid_bps(self, symbol: str, side: str, worst: Decimal) -> Decimal:
        """How far its worst price lies beyond the mid, on its own side."""
        mid = (self.world.bids[symbol] + self.world.asks[symbol]) / 2
        return (worst - mid if side == "BUY" else mid - worst) / mid * 10_000

    def opened_now(self, cycle_from: int) -> Decimal:
        """Entries sent since the cycle began that go on with no other: new positions."""
        now = self.events[cycle_from:]
        sent = [self.orders[body["intent"]] for kind, _, body in now if kind == "sent"]
        return Decimal(sum(1 for o in sent if o.why == "entry" and o.parent is None))


def _failed(kind: str, body: dict[str, Any]) -> bool:
    if kind == "rejected":
        return not body["would_cross"]
    if kind == "cancelled":
        return body.get("sent") is False or body.get("status") in {"rejected", "not_seen"}
    return kind == "not_seen"


Mark = tuple[int, Decimal, Decimal]


def results(marks: list[Mark], now: int, last: tuple[Decimal, Decimal]) -> dict[str, Decimal]:
    """Day, week and drawdown in percent, by linking the returns between marks.

    A mark is its instant, the equity then, and what flowed in since the mark before it; `last` is
    the same at the moment that is asked about. A return leaves out what flowed: so much came of
    what was there before.
    """
    index, line = Decimal(1), []
    before = None
    for ns, equity, flowed in marks:
        if before:
            index *= (equity - flowed) / before
        line.append((ns, index))
        before = equity
    value = index * (last[0] - last[1]) / before if before else index
    day = now - now % DAY
    hours = {ns // HOUR: (ns, each) for ns, each in line}
    kept = [line[0], *(hours[each] for each in sorted(hours) if hours[each] != line[0])]
    first_day = [each for ns, each in line if ns < day] or [line[0][1]]
    week = [each for ns, each in kept if now - ns >= 7 * DAY] or [line[0][1]]
    high = max([*(each for _, each in line), value])
    changes = (value / first_day[-1] - 1, value / week[-1] - 1, (high - value) / high)
    return dict(zip(RESULTS, (100 * each for each in changes), strict=True))
