"""What must hold in every history, at every instant: I1 to I14 of the specification, and two more.

In: what the venue, the disk and the process do, as it happens. Out: nothing, or `Broken` at the
very moment. The runner of histories and the state machine ask the same `Watch`.
I15: doubt allows no new risk. I16: a stop sells at a price that the market showed, and at no other.
"""

from __future__ import annotations

from collections import defaultdict, deque
from decimal import Decimal
from typing import TYPE_CHECKING

import orjson
from histories.documents import Version, current_hash

from engine.cycle.facts.market import quote_age_s
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.decisions import ReasonCode
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from histories.venue.book import Order
    from histories.venue.door import Asked
    from histories.world import World

    from engine.cycle.desk import Desk, Round
    from engine.ledger.bodies import Body, Json
    from engine.ledger.records import Record
    from engine.ledger.state import State

RATE_PER_S, BURST = 4.0, 8.0
"""The venue's quota: so many requests a second over time, so many at once."""
MAX_QUOTE_AGE_S = 8.0
QUARANTINE_S = 300.0
WATCH_S = 20.0
"""How often a process compares the policy directory with what it runs."""
_AT_RISK_PCT = {Version.FIRST: 4, Version.SECOND: 3, Version.TAMPERED: 40}
_ORDER_USD, _ORDERS_1M = Decimal(200), 4
# Prices move between a decision and its arrival; an order too many would show far above this.
_MOVED = Decimal("1.08")
_A_MOMENT_S = 0.001
_PREFIX = 12
_KEPT_TICKS = 150
# A buy may be decided by a quote that was shown a little before it.
_BEFORE_A_BUY_S = 15.0
# A fill below a step of the coarsest grid that a product ever has is none that a list misses.
_GRID = Decimal("0.001")
_ADDS_RISK = {"entry", "add"}
# The plan's 0.6 %, and a hair for the last digit of a quotient.
_STOP_RATIO = Decimal("0.9941")
_TOLD = (b'"kind":"intent"', b'"kind":"set_activated"')
_UNDECIDED = {
    ReasonCode.LIMIT_UNDECIDED,
    ReasonCode.GUARD_UNDECIDED,
    ReasonCode.BREAKER_UNDECIDED,
    ReasonCode.ACCOUNT_UNREAD,
    ReasonCode.PRODUCT_UNCONFIRMED,
    ReasonCode.NO_EQUITY,
}


class Broken(KeyboardInterrupt):
    """An invariant does not hold."""

    def __init__(self, name: str, words: str) -> None:
        self.name = name
        super().__init__(f"{name}: {words}")


class Watch:
    """Sees everything, remembers what it needs, and says what does not hold."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.loaded: str = ""
        self.heard_ns: dict[Symbol, int] = {}
        self.synced_bytes = b""
        self.posted: set[str] = set()
        self.tokens: set[str] = set()
        self.ended: dict[str, str] = {}
        self.unknown_ns: dict[str, int] = {}
        self.stopped: set[str] = set()
        self.cycle_began_ns = 0
        self._deciding = False
        self._intents: dict[str, Body] = {}
        self._ids: dict[int, str] = {}
        self._stored: set[str] = set()
        self._requests: dict[float, deque[int]] = {1.0: deque(), 10.0: deque()}
        self._sent_ns: dict[str, int] = {}
        self._spent: deque[tuple[int, Decimal]] = deque()
        self._waits: list[tuple[int, int]] = []
        self._state: State
        self._filled: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._bids: dict[Symbol, deque[tuple[int, Decimal]]] = {}
        self._bought_ns: dict[Symbol, int] = {}
        self._limits = {current_hash(each): pct for each, pct in _AT_RISK_PCT.items()}

    # The process

    def started(self, loaded: str, journal: bytes, state: State) -> None:
        """A process has opened the ledger and begun with this set."""
        self.loaded, self._deciding, self._state = loaded, False, state
        self.stopped = {name for name, key in state.latches if not key}
        if state.halted is not None:
            self.stopped.add("halt")
        for each in self._requests.values():
            each.clear()
        self._waits.clear()
        self._filled.clear()
        for line in journal.splitlines():
            if b'"kind":"filled"' in line:
                self._is_filled(orjson.loads(line)["body"])
        self._holds("I6", journal.startswith(self.synced_bytes), "what was synced is gone")

    def died(self, durable: bytes) -> None:
        """A process ended; this much was safe."""
        self.synced_bytes = durable

    def synced(self, data: bytes) -> None:
        """So much more of the journal is safe."""
        for line in data.splitlines():
            if not any(each in line for each in _TOLD):
                continue
            record = orjson.loads(line)
            if record["kind"] == "intent":
                self._intended(record["body"])
            elif record["kind"] == "set_activated":
                self._stored.add(record["body"]["policy_set"])

    def _intended(self, body: Body) -> None:
        order_id, number = str(body["client_order_id"]), body["intent"]
        assert isinstance(number, int)
        self._intents[order_id] = body
        known = self._ids.setdefault(number, order_id)
        self._holds("I1", known == order_id, f"intent {number} has two ids")

    # Requests leave

    def leaves(self, asked: Asked, began_ns: int) -> None:
        """A request is about to leave the process, which began to connect for it at `began_ns`."""
        now_ns = self.world.now_ns()
        self._waited(began_ns)
        self._within_quota(now_ns)
        if asked.token:
            self.tokens.add(asked.token)
        if asked.places_order:
            self._order_leaves(asked, now_ns)

    def _waited(self, began_ns: int) -> None:
        # What was on its way to the wire when the venue said so had not heard of it.
        early = any(told < began_ns < until for told, until in self._waits)
        # The wait is by the wall clock, as the venue's word is: a clock that jumps ends it early.
        waited = not early or self.world.wall_jumped
        self._holds("I11", waited, "a request before the venue wanted to hear again")

    def _within_quota(self, now_ns: int) -> None:
        for window_s, requests in self._requests.items():
            requests.append(now_ns)
            while now_ns - requests[0] >= window_s * 1e9:
                requests.popleft()
            most = BURST + RATE_PER_S * window_s
            if len(requests) > most:
                self._broken("I11", f"{len(requests)} requests in {window_s} s")

    def told_to_wait(self, seconds: float) -> None:
        """The venue has asked not to be asked for so long."""
        now_ns = self.world.now_ns()
        self._waits.append((now_ns, now_ns + round(seconds * 1e9)))

    def _order_leaves(self, asked: Asked, now_ns: int) -> None:
        order_id = str(asked.body["client_order_id"])
        self.world.tell(f"sends {asked.body['side']} {asked.body['product_id']} {order_id}")
        self._holds("I1", order_id not in self.posted, f"{order_id} is posted again")
        self.posted.add(order_id)
        intent = self._intents.get(order_id)
        self._holds("I2", intent is not None, f"{order_id} has no durable intent")
        assert intent is not None
        self._as_intended(asked, intent)
        self._holds("I4", not self.world.disk.switch_thrown(), "a send under the kill switch")
        self._under_its_set(order_id, intent)
        if asked.body["side"] == "BUY":
            self._holds("I4", not self.stopped, f"a buy while stopped: {[*self.stopped]}")
            self._reviewed()
            self._fresh(Symbol.parse(str(asked.body["product_id"])), now_ns)
            self._pace(intent, self._sent_ns[order_id])

    def _as_intended(self, asked: Asked, intent: Body) -> None:
        configuration = asked.body["order_configuration"]
        assert isinstance(configuration, dict)
        (told,) = configuration.values()
        limit = intent["limit_price"]
        same = (
            Decimal(told["base_size"]) == Decimal(str(intent["quantity"]))
            and told.get("limit_price") in {None, limit}
            and Decimal(str(intent["worst_price"])) > 0
            and asked.body["product_id"] == intent["symbol"]
        )
        self._holds("I2", same, f"{intent['client_order_id']} is not what was intended")

    def _under_its_set(self, order_id: str, intent: Body) -> None:
        shown = order_id.replace("-", "")[:_PREFIX]
        right = intent["policy_set"] == self.loaded and shown == self.loaded[:_PREFIX]
        self._holds("I7", right, f"{order_id} names another set than the one that was loaded")
        self._holds("I7", self.loaded in self._stored, "the set is not in the ledger")

    def _reviewed(self) -> None:
        """A set that is no longer the reviewed one buys no more, once the watch has looked."""
        drifted = current_hash(self.world.folder) != self.loaded
        seen_ns = self.world.folder_changed_ns + round((WATCH_S + 1.0) * 1e9)
        words = "a buy under a set that is no longer the reviewed one"
        self._holds("I7", not (drifted and self.cycle_began_ns > seen_ns), words)

    def _fresh(self, symbol: Symbol, now_ns: int) -> None:
        age_s = (now_ns - self.heard_ns.get(symbol, 0)) / 1e9
        words = f"{symbol} is bought by a quote of {age_s:.1f} s"
        self._holds("I9", age_s <= MAX_QUOTE_AGE_S + _A_MOMENT_S, words)

    def _pace(self, intent: Body, now_ns: int) -> None:
        """By when it was recorded as sent: a connection and the quota are waited for after that."""
        value = Decimal(str(intent["quantity"])) * Decimal(str(intent["worst_price"]))
        self._spent.append((now_ns, value))
        while now_ns - self._spent[0][0] >= 60e9:
            self._spent.popleft()
        spent = sum(each for _, each in self._spent)
        self._holds("I13", value <= _ORDER_USD * _MOVED, f"an order of {value:.2f} USD")
        most = _ORDER_USD * _ORDERS_1M
        self._holds("I13", spent <= most * _MOVED, f"{spent:.2f} USD in a minute")

    # The venue takes an order

    def entered(self, order: Order) -> None:
        """The venue has taken an order."""
        twins = self.world.book.by_client.get(order.client_id, [])
        self._holds("I1", len(twins) <= 1, f"{order.client_id} stands at the venue twice")
        self._holds("I2", order.client_id in self._intents, f"{order.client_id} has no intent")
        why = self.ended.get(order.client_id)
        self._holds("I8", why is None, f"{order.client_id} came, and the ledger says {why}")
        if order.side == "BUY":
            self._bought_ns[order.symbol] = self.world.now_ns()
            self._within_limit(order)

    def moved(self) -> None:
        """The market has moved."""
        for symbol, touch in self.world.market.touches.items():
            shown = self._bids.setdefault(symbol, deque(maxlen=_KEPT_TICKS))
            shown.append((self.world.now_ns(), touch.bid))

    def _within_limit(self, order: Order) -> None:
        book, at_risk = self.world.book, Decimal(0)
        for symbol, touch in self.world.market.touches.items():
            at_risk += book.held.get(symbol.base, Decimal(0)) * touch.bid
        at_risk += sum(
            each.left * (each.limit or Decimal(0))
            for each in book.working.values()
            if each.side == "BUY"
        )
        policy_set = str(self._intents[order.client_id]["policy_set"])
        most = Decimal(self._limits.get(policy_set, 0)) / 100 * self._equity()
        words = f"{at_risk:.2f} USD at risk, {most:.2f} allowed"
        self._holds("I5", at_risk <= most * _MOVED, words)

    def _equity(self) -> Decimal:
        held = self.world.book.held
        coins = (
            held.get(symbol.base, Decimal(0)) * touch.bid
            for symbol, touch in self.world.market.touches.items()
        )
        return held["USD"] + sum(coins, Decimal(0))

    def refused(self, asked: Asked, word: str) -> None:
        """The venue has refused an order; a sell that it cannot pay for was sold before."""
        oversold = asked.body["side"] == "SELL" and word == "INSUFFICIENT_FUND"
        words = f"{asked.body['client_order_id']} sells more than is held"
        self._holds("I5", not oversold, words)

    # The ledger says something

    def recorded(self, record: Record, body: Body) -> None:
        """The process has written a record."""
        check = _OF_RECORDS.get(record.kind)
        if check is not None:
            check(self, body)

    def _is_activated(self, body: Body) -> None:
        self._holds("I7", not self._deciding, "a set comes into force in the middle of a cycle")
        ordered = body.get("ordered")
        named = ordered["named"] if isinstance(ordered, dict) else None
        words = "a set is taken, and another one was ordered"
        self._holds("I7", named in {None, body["policy_set"]}, words)
        self.loaded = str(body["policy_set"])

    def _is_decision(self, body: Body) -> None:
        self._deciding = True
        words = "a decision by another set than the one in force"
        self._holds("I7", body["policy_set"] == self.loaded, words)
        wish = bodies.mapping(body, "wish")
        if body["intent"] is not None and wish["why"] in _ADDS_RISK:
            doubted = [each["rule"] for each in _rules(body) if each["outcome"] == "undecided"]
            self._holds("I15", not doubted, f"{wish['symbol']} is allowed in doubt: {doubted}")

    def _is_intent(self, body: Body) -> None:
        """A price that was nobody's must not become a fire sale."""
        symbol = Symbol.parse(str(body["symbol"]))
        held = self._state.positions.get(symbol)
        if held is None or not str(body["reason"]).startswith("stop "):
            return
        since_ns = self._bought_ns.get(symbol, 0) - round(_BEFORE_A_BUY_S * 1e9)
        shown = [bid for at_ns, bid in self._bids[symbol] if at_ns >= since_ns]
        lowest = min(shown, default=held.entry_price)
        words = f"{symbol} is sold by its stop, and was never below {lowest}"
        self._holds("I16", lowest <= held.entry_price * _STOP_RATIO, words)

    def _is_filled(self, body: Body) -> None:
        self._filled[str(body["client_order_id"])] += Decimal(str(body["quantity"]))

    def _is_cycle(self, body: Body) -> None:
        self._deciding = False
        words = "a cycle of another set than the one in force"
        self._holds("I7", body["policy_set"] == self.loaded, words)

    def _is_halt(self, _body: Body) -> None:
        self.stopped.add("halt")

    def _is_resume(self, _body: Body) -> None:
        self.stopped.discard("halt")

    def _is_trip(self, body: Body) -> None:
        if not body["key"]:
            self.stopped.add(str(body["breaker"]))

    def _is_reset(self, body: Body) -> None:
        self.stopped.discard(str(body["breaker"]))

    def _is_sent(self, body: Body) -> None:
        self._sent_ns[str(body["client_order_id"])] = self.world.now_ns()

    def _is_unknown(self, body: Body) -> None:
        self.unknown_ns.setdefault(str(body["client_order_id"]), self.world.now_ns())

    def _is_acknowledged(self, body: Body) -> None:
        order_id = str(body["client_order_id"])
        there = order_id in self.world.book.by_client
        self._holds("I8", there, f"{order_id} is acknowledged, and is not at the venue")

    def _is_not_seen(self, body: Body) -> None:
        order_id = str(body["client_order_id"])
        waited_s = (self.world.now_ns() - self.unknown_ns[order_id]) / 1e9
        words = f"{order_id} is given up after {waited_s:.0f} s"
        self._holds("I8", waited_s >= QUARANTINE_S - 1.0, words)
        self._gone(order_id, "it was never seen")

    def _is_rejected(self, body: Body) -> None:
        self._gone(str(body["client_order_id"]), "it was rejected")

    def _is_cancelled(self, body: Body) -> None:
        order_id = str(body["client_order_id"])
        if body.get("sent") is False:
            self._gone(order_id, "it was not sent")
            return
        there = self.world.book.by_client.get(order_id, [])
        orders = [self.world.book.current(each) for each in there]
        done = bool(orders) and not any(each is None or each.open for each in orders)
        self._holds("I8", done, f"{order_id} is ended, and the venue did not end it")
        theirs = sum((each.filled for each in orders if each is not None), Decimal(0))
        missing = theirs - self._filled[order_id]
        words = f"{order_id} is ended, and {missing} of it is filled that the ledger does not know"
        self._holds("I3", missing < _GRID, words)

    def _gone(self, order_id: str, why: str) -> None:
        there = order_id in self.world.book.by_client
        self._holds("I8", not there, f"{order_id} is at the venue, and the ledger says {why}")
        self.ended[order_id] = why

    # A cycle ends

    def cycled(self, desk: Desk, this: Round) -> None:
        """A cycle was run."""
        failed = [note for note in this.notes if " failed: " in note]
        self._holds("I0", not failed, "; ".join(failed))
        for told in this.orders:
            if not told.intent.intent.adds_risk and not told.decision.verdict.allowed:
                codes = {reason.code for reason in told.decision.reasons}
                words = f"{told.intent.symbol}: {', '.join(sorted(c.value for c in codes))}"
                self._holds("I14", not codes & _UNDECIDED, f"a way out is denied by doubt: {words}")
        self._exits_tried(desk, this)

    def _exits_tried(self, desk: Desk, this: Round) -> None:
        """A stop that the process can see is tried in this cycle, or was since the last news."""
        if this.killed is not None or desk.state.halted is not None:
            return
        for held in desk.state.held():
            quote = desk.market.quotes.get(held.symbol)
            if quote is None or quote.bid is None or not _stopped_out(held.entry_price, quote.bid):
                continue
            if quote.time > this.now or this.now.since_s(quote.time) > 60 or quote.bid <= 0:
                continue
            age_s = quote_age_s(quote, this.now)
            if age_s is None or age_s >= held.plan.blind_exit_after_s:
                # By our wrong clock from the future, or old: blind, it holds, and sells in a while.
                continue
            if held.opened >= this.now or held.symbol in desk.dust():
                continue
            if held.symbol not in desk.products:
                # No list since the start, so no grid to make an order on; it is asked for again.
                continue
            tried = any(told.intent.symbol == held.symbol for told in this.orders)
            waits = held.last_exit is not None and held.last_exit >= quote.time
            pending = desk.state.pending_sell(held.symbol) >= held.quantity
            blocked = any(latch.while_tripped == "halted" for latch in desk.state.latches.values())
            words = f"{held.symbol} is through its stop, and nothing is done"
            self._holds("I14", tried or waits or pending or blocked, words)

    def _holds(self, name: str, truth: bool, words: str) -> None:  # noqa: FBT001 - the truth itself
        if not truth:
            self._broken(name, words)

    def _broken(self, name: str, words: str) -> None:
        self.world.tell(f"BROKEN {name}: {words}")
        raise Broken(name, words)


def _rules(body: Body) -> Iterable[Mapping[str, Json]]:
    rules = body["rules"]
    assert isinstance(rules, list)
    return (each for each in rules if isinstance(each, dict) and each["stage"] == "enforce")


def _stopped_out(entry: Decimal, bid: Decimal) -> bool:
    # A hair beyond the 0.6 %, so that the last digit of a quotient decides nothing here.
    return bid <= entry * Decimal("0.9935")


_OF_RECORDS = {
    RecordKind.SET_ACTIVATED: Watch._is_activated,
    RecordKind.DECISION: Watch._is_decision,
    RecordKind.CYCLE: Watch._is_cycle,
    RecordKind.HALT: Watch._is_halt,
    RecordKind.RESUME: Watch._is_resume,
    RecordKind.BREAKER_TRIPPED: Watch._is_trip,
    RecordKind.BREAKER_RESET: Watch._is_reset,
    RecordKind.INTENT: Watch._is_intent,
    RecordKind.FILLED: Watch._is_filled,
    RecordKind.SENT: Watch._is_sent,
    RecordKind.UNKNOWN: Watch._is_unknown,
    RecordKind.ACKNOWLEDGED: Watch._is_acknowledged,
    RecordKind.NOT_SEEN: Watch._is_not_seen,
    RecordKind.REJECTED: Watch._is_rejected,
    RecordKind.CANCELLED: Watch._is_cancelled,
}
