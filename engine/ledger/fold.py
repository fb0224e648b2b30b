"""The fold: one record after another becomes the state; there is no other way to change it.

In: a record's kind, time and body. Out: the same `State`, moved on. Refuses a record kind that
has no handler (a program error). Windows are pruned here, by the records' own times.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.ledger.state import AlertState, Latch, Membership
from engine.model.numbers import ZERO, decimal_of
from engine.model.orders import Intent, OrderForm, OrderStatus, Side
from engine.model.portfolio import Position, WorkingOrder
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from engine.ledger.bodies import Json
    from engine.ledger.state import State
    from engine.model.times import UtcTime

    Handler = Callable[[State, UtcTime, Mapping[str, Json]], None]

DAY_S = 86_400
WEEK_S = 7 * DAY_S
NAV_SAMPLE_S = 3600
_T = TypeVar("_T")


def apply(state: State, kind: RecordKind, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Move `state` on by one record."""
    _HANDLERS[kind](state, time, body)


def _genesis(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    state.mode = bodies.text(body, "mode")
    state.account = bodies.text(body, "account")
    state.nonce = bytes.fromhex(bodies.text(body, "nonce"))
    state.genesis = time
    cash = {name: decimal_of(str(value)) for name, value in bodies.mapping(body, "cash").items()}
    state.genesis_cash = cash
    state.cash = dict(cash)


def _set_activated(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    state.policy_set = bodies.text(body, "policy_set")
    if state.policy_set not in state.activated:
        state.activated.append(state.policy_set)


def _cycle(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    state.cycle = bodies.whole(body, "cycle")
    state.last_cycle = time
    equity = bodies.optional_number(body, "equity_usd")
    if equity is not None:
        _mark_nav(state, time, float(equity))
    for name, tier in bodies.mapping(body, "universe").items():
        _member(state, Symbol.parse(name), tier)
    for name, mark in bodies.mapping(body, "marks").items():
        _mark_position(state, Symbol.parse(name), mark)


def _member(state: State, symbol: Symbol, entry: Json) -> None:
    if not isinstance(entry, dict):
        state.universe.pop(symbol, None)
        return
    since = bodies.optional_moment(entry, "failing_since")
    state.universe[symbol] = Membership(bodies.text(entry, "tier"), since)


def _mark_position(state: State, symbol: Symbol, mark: Json) -> None:
    position = state.positions.get(symbol)
    if position is None or not isinstance(mark, dict):
        return
    bid = bodies.optional_number(mark, "bid")
    peak = position.peak_price if bid is None else max(position.peak_price, bid)
    blind = bodies.optional_moment(mark, "blind_since")
    if (peak, blind) != (position.peak_price, position.blind_since):
        state.positions[symbol] = replace(position, peak_price=peak, blind_since=blind)


def _mark_nav(state: State, time: UtcTime, equity: float) -> None:
    nav = state.nav
    if nav.units == 0.0:
        # The first money, or money after all was withdrawn: the value goes on where it was.
        nav.units = equity / nav.latest
    value = equity / nav.units if nav.units else nav.latest
    if nav.day is None or time.day_start() > nav.day:
        nav.day_start = value if nav.day is None else nav.latest
        nav.day = time.day_start()
    nav.latest = value
    nav.high_water = max(nav.high_water, value)
    if not nav.samples or time.since_s(nav.samples[-1][0]) >= NAV_SAMPLE_S:
        nav.samples.append((time, value))
    # The newest sample at or before the window's edge stays: it is what the week is measured from.
    while len(nav.samples) > 1 and time.since_s(nav.samples[1][0]) >= WEEK_S:
        nav.samples.popleft()


def _decision(state: State, _time: UtcTime, _body: Mapping[str, Json]) -> None:
    state.decisions += 1


def _intent(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    order = _working_order(time, body)
    state.next_intent = order.number + 1
    state.working[order.number] = order
    state.intents[order.client_order_id] = order.number
    held = state.positions.get(order.symbol)
    if held is not None and not order.intent.adds_risk:
        state.positions[order.symbol] = replace(held, last_exit=time)
    entry = (time, order.symbol, order.side.value, order.strategy)
    state.pace.recent_intents.append(entry)
    _prune_pairs(state.pace.recent_intents, time, lambda each: each[0])


def _working_order(time: UtcTime, body: Mapping[str, Json]) -> WorkingOrder:
    plan = body.get("plan")
    return WorkingOrder(
        number=bodies.whole(body, "intent"),
        client_order_id=bodies.text(body, "client_order_id"),
        symbol=Symbol.parse(bodies.text(body, "symbol")),
        intent=Intent(bodies.text(body, "why")),
        form=OrderForm(bodies.text(body, "form")),
        quantity=bodies.number(body, "quantity"),
        limit_price=bodies.optional_number(body, "limit_price"),
        worst_price=bodies.number(body, "worst_price"),
        reference_price=bodies.number(body, "reference_price"),
        strategy=bodies.text(body, "strategy"),
        reason=bodies.text(body, "reason"),
        ladder=bodies.text(body, "ladder"),
        rung=bodies.whole(body, "rung"),
        plan=bodies.plan_of(plan) if isinstance(plan, dict) else None,
        created=time,
        expires=bodies.optional_moment(body, "expires"),
        status=OrderStatus.SENT,
    )


def _sent(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    order = state.working[bodies.whole(body, "intent")]
    state.orders_sent += 1
    pace = state.pace
    pace.messages.append(time)
    _prune(pace.messages, time)
    if order.intent.adds_risk:
        pace.orders.append(time)
        _prune(pace.orders, time)


def _acknowledged(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    number = bodies.whole(body, "intent")
    venue_id = bodies.text(body, "venue_order_id")
    order = state.working[number]
    state.working[number] = replace(order, status=OrderStatus.OPEN, venue_order_id=venue_id)
    state.pace.acknowledged.append(time)
    _prune(state.pace.acknowledged, time)


def _rejected(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    state.working.pop(bodies.whole(body, "intent"), None)
    # A post-only that would cross is the market moving, not a refusal to count against us.
    if not bodies.flag(body, "would_cross"):
        state.pace.rejected.append(time)
        _prune(state.pace.rejected, time)


def _unknown(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    number = bodies.whole(body, "intent")
    state.working[number] = replace(state.working[number], status=OrderStatus.UNKNOWN)


def _gone(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    state.working.pop(bodies.whole(body, "intent"), None)


def _cancel(state: State, time: UtcTime, _body: Mapping[str, Json]) -> None:
    state.pace.messages.append(time)
    _prune(state.pace.messages, time)


def _filled(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    fill_id = bodies.text(body, "fill_id")
    if fill_id in state.fills_seen:
        return
    state.fills_seen.add(fill_id)
    state.last_fill = bodies.moment(body, "time")
    symbol = Symbol.parse(bodies.text(body, "symbol"))
    _move_cash(state, symbol, body)
    order = state.working.get(bodies.whole(body, "intent"))
    if bodies.text(body, "side") == Side.BUY.value:
        _bought(state, time, symbol, body, order)
    else:
        _sold(state, symbol, body)
    _note_execution(state, time, symbol, order)
    if order is not None:
        total = order.filled_quantity + bodies.number(body, "quantity")
        _advance(state, replace(order, filled_quantity=total))


def _advance(state: State, order: WorkingOrder) -> None:
    if order.remaining <= 0:
        state.working.pop(order.number, None)
    else:
        state.working[order.number] = order


def _move_cash(state: State, symbol: Symbol, body: Mapping[str, Json]) -> None:
    quantity, price = bodies.number(body, "quantity"), bodies.number(body, "price")
    fee = bodies.number(body, "fee")
    sign = -1 if bodies.text(body, "side") == Side.BUY.value else 1
    cash = state.cash
    cash[symbol.quote] = cash.get(symbol.quote, ZERO) + sign * quantity * price - fee
    cash[symbol.base] = cash.get(symbol.base, ZERO) - sign * quantity
    state.fees += fee


def _bought(
    state: State,
    time: UtcTime,
    symbol: Symbol,
    body: Mapping[str, Json],
    order: WorkingOrder | None,
) -> None:
    quantity, price = bodies.number(body, "quantity"), bodies.number(body, "price")
    fee = bodies.number(body, "fee")
    held = state.positions.get(symbol)
    if held is not None:
        grown = replace(
            held,
            quantity=held.quantity + quantity,
            cost=held.cost + quantity * price,
            fees=held.fees + fee,
        )
        state.positions[symbol] = _with_plan_of(grown, order, time, price)
        return
    if order is None or order.plan is None:
        # Units that no plan of ours asked for: cash says so, but they are not ours to sell.
        return
    state.positions[symbol] = Position(
        symbol,
        quantity,
        quantity * price,
        fee,
        time,
        order.strategy,
        order.plan,
        price,
        entry_intent=order.number,
    )


def _with_plan_of(
    held: Position, order: WorkingOrder | None, time: UtcTime, price: Decimal
) -> Position:
    """An entry over what was left as dust: the position is a new one, with the entry's plan."""
    if order is None or order.plan is None or order.number == held.entry_intent:
        return held
    if order.intent is not Intent.ENTRY:
        return held
    return replace(
        held,
        opened=time,
        strategy=order.strategy,
        plan=order.plan,
        peak_price=price,
        blind_since=None,
        last_exit=None,
        entry_intent=order.number,
    )


def _sold(state: State, symbol: Symbol, body: Mapping[str, Json]) -> None:
    held = state.positions.get(symbol)
    if held is None:
        return
    quantity = min(bodies.number(body, "quantity"), held.quantity)
    left = held.quantity - quantity
    cost = held.cost - held.cost * left / held.quantity
    fees = held.fees - held.fees * left / held.quantity
    gain = quantity * bodies.number(body, "price") - bodies.number(body, "fee") - cost - fees
    state.realised += gain
    rest = replace(
        held,
        quantity=left,
        cost=held.cost - cost,
        fees=held.fees - fees,
        realised=held.realised + gain,
    )
    if left > 0:
        state.positions[symbol] = rest
        return
    del state.positions[symbol]
    # A position sold in slices is one gain or one loss.
    lost = rest.realised < 0
    state.pace.losses_in_a_row = state.pace.losses_in_a_row + 1 if lost else 0


def _note_execution(
    state: State, time: UtcTime, symbol: Symbol, order: WorkingOrder | None
) -> None:
    pace = state.pace
    pace.last_trade = time
    pace.last_trade_of[symbol] = time
    if order is not None and order.intent.adds_risk:
        count = pace.executions_since_arm.get(order.strategy, 0)
        pace.executions_since_arm[order.strategy] = count + 1
        pace.adds.append((time, symbol))
        _prune_pairs(pace.adds, time, lambda each: each[0])


def _breaker_tripped(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    latch = Latch(
        breaker=bodies.text(body, "breaker"),
        key=bodies.text(body, "key"),
        scope=bodies.text(body, "scope"),
        while_tripped=bodies.text(body, "while_tripped"),
        tripped=time,
        resets_at=bodies.optional_moment(body, "resets_at"),
        rearm_not_before=bodies.optional_moment(body, "rearm_not_before"),
        high_water_mark=bodies.optional_text(body, "high_water_mark"),
        text=bodies.text(body, "text"),
        cancel=bodies.text(body, "cancel"),
        on_trip=bodies.text(body, "on_trip"),
    )
    state.latches[latch.breaker, latch.key] = latch


def _breaker_reset(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    latch = state.latches.pop((bodies.text(body, "breaker"), bodies.text(body, "key")), None)
    if latch is not None and latch.high_water_mark == "reset":
        state.nav.high_water = state.nav.latest


def _alert(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    key = (bodies.text(body, "rule"), bodies.text(body, "key"))
    phase = bodies.text(body, "phase")
    if body.get("told") is True:
        state.alerts_told[key] = time
    if phase in {"inactive", "resolved"}:
        state.alerts.pop(key, None)
        return
    state.alerts[key] = AlertState(
        phase,
        bodies.moment(body, "since"),
        bodies.moment(body, "last_true"),
        bodies.flag(body, "escalated"),
    )


def _halt(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    state.halted = bodies.text(body, "reason")


def _resume(state: State, _time: UtcTime, _body: Mapping[str, Json]) -> None:
    state.halted = None


def _plan_changed(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    symbol = Symbol.parse(bodies.text(body, "symbol"))
    held = state.positions.get(symbol)
    if held is not None:
        plan = bodies.plan_of(bodies.mapping(body, "plan"))
        state.positions[symbol] = replace(held, plan=plan)


def _operator_command(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    if bodies.text(body, "command") == "rearm":
        state.pace.executions_since_arm.clear()
        state.pace.losses_in_a_row = 0


def _cash_flow(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    currency, amount = bodies.text(body, "currency"), bodies.number(body, "amount")
    state.cash[currency] = state.cash.get(currency, ZERO) + amount
    value = float(bodies.number(body, "value_usd"))
    # Before the first cycle there are no units: what flows then is what the account begins with.
    if state.nav.units and state.nav.latest:
        state.nav.units += value / state.nav.latest


def _reconcile(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    told = bodies.mapping(body, "differences")
    state.differences = {name: str(words) for name, words in told.items()}


def _nothing(_state: State, _time: UtcTime, _body: Mapping[str, Json]) -> None:
    """Records that tell a story and move no state."""


def _prune(times: deque[UtcTime], now: UtcTime) -> None:
    while times and now.since_s(times[0]) > DAY_S:
        times.popleft()


def _prune_pairs(pairs: deque[_T], now: UtcTime, time_of: Callable[[_T], UtcTime]) -> None:
    while pairs and now.since_s(time_of(pairs[0])) > DAY_S:
        pairs.popleft()


_HANDLERS: dict[RecordKind, Handler] = {
    RecordKind.GENESIS: _genesis,
    RecordKind.SET_ACTIVATED: _set_activated,
    RecordKind.CYCLE: _cycle,
    RecordKind.DECISION: _decision,
    RecordKind.INTENT: _intent,
    RecordKind.SENT: _sent,
    RecordKind.ACKNOWLEDGED: _acknowledged,
    RecordKind.REJECTED: _rejected,
    RecordKind.UNKNOWN: _unknown,
    RecordKind.NOT_SEEN: _gone,
    RecordKind.CANCEL: _cancel,
    RecordKind.CANCELLED: _gone,
    RecordKind.FILLED: _filled,
    RecordKind.BREAKER_TRIPPED: _breaker_tripped,
    RecordKind.BREAKER_RESET: _breaker_reset,
    RecordKind.ALERT: _alert,
    RecordKind.HALT: _halt,
    RecordKind.RESUME: _resume,
    RecordKind.PLAN_CHANGED: _plan_changed,
    RecordKind.OPERATOR_COMMAND: _operator_command,
    RecordKind.WAIVER_USED: _nothing,
    RecordKind.CASH_FLOW: _cash_flow,
    RecordKind.RECONCILE: _reconcile,
    RecordKind.ORDER_ADOPTED: _nothing,
}
