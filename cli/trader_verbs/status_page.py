"""A trader's status as a page to read.

In: a `Status`. Out: text in sections; a section that has nothing to say says so in a word, since
a missing line could be taken for a missing answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.alerts_page import alert_rows, message_rows, silence_rows
from cli.trader_verbs.order_story import plan_words
from cli.trader_verbs.rules_shown import numbers, rule_name
from cli.trader_verbs.running.told import keyed
from cli.trader_verbs.shown import (
    approval_rows,
    average,
    clock,
    columns,
    exact,
    held_by,
    lasting,
    money,
    percent,
    signed,
)
from cli.trader_verbs.tightened_page import tightened_rows
from engine.cycle.records.telling import one_line
from engine.model.decisions import Outcome

if TYPE_CHECKING:
    from engine.ledger.state import Latch, Reload
    from engine.model.portfolio import ForeignOrder, WorkingOrder
    from engine.model.supervision import Ask
    from engine.run.status import AskedRule, HeldPosition, Status


def status_page(status: Status) -> str:
    """The whole page."""
    return "\n".join(
        (
            _head(status),
            _section("another policy set", _reload(status.state.reload)),
            _section("tightened", tightened_rows(status)),
            _money(status),
            _positions(status),
            _section("working orders", [_working(each) for each in status.state.working.values()]),
            *_asks(status),
            _section("being liquidated", _liquidating(status)),
            _section("above what a rule allows", _overdue(status)),
            _breakers(status),
            _section("differs from the venue", _differences(status)),
            _section("orders of others", [_foreign(e) for e in status.foreign]),
            _section("alerts", alert_rows(status)),
            _section("silences", silence_rows(status)),
            _section("messages", message_rows(status)),
            _limits(status),
        )
    )


def _head(status: Status) -> str:
    state, named, since = status.state, status.named, status.state.reload.since
    last = "none" if state.last_cycle is None else f"{state.cycle:,}, {clock(state.last_cycle)} UTC"
    rows = [
        ("state", _state(status)),
        ("policy set", named.name if named else "none"),
        ("hash", named.hash if named else "none"),
        *_lies_over(status),
        ("in force", "no" if since is None else f"since {clock(since)} UTC"),
        *approval_rows(state.approval),
        ("stream", f"{state.mode}, account {state.account}"),
        ("last cycle", last),
        ("regime", status.regime),
        ("run by", held_by(status.holder) if status.holder else "nobody at the moment"),
        ("last record", f"{status.last.sequence:,}, {status.last.hash}" if status.last else "none"),
    ]
    return columns(rows, indent=0)


def _lies_over(status: Status) -> list[tuple[str, str]]:
    """The set that people reviewed, where values are tightened over it."""
    reviewed, held = status.state.reviewed, status.state.tightenings.held
    return [("reviewed", f"{reviewed}, tightened for a while")] if held and reviewed else []


def _reload(reload: Reload) -> list[tuple[str, ...]]:
    """A set that was ordered, or refused with all that was found; nothing when all is settled."""
    rows: list[tuple[str, ...]] = []
    if reload.asked is not None:
        rows.append(("ordered", f"at {clock(reload.asked)} UTC: it is being checked"))
    if reload.refused is not None:
        found = reload.refused.policy_set or "documents that make no set"
        rows.append(("REFUSED", f"at {clock(reload.refused.since)} UTC: {found}"))
        rows += [("", each) for each in reload.refused.findings]
    return rows


def _state(status: Status) -> str:
    if status.killed is not None:
        return f"HALTED by the kill switch: {status.killed}"
    if status.state.halted is not None:
        return f"HALTED: {status.state.halted}"
    return status.trading


def _money(status: Status) -> str:
    state = status.state
    nav = state.nav
    drawdown = 100 * (1 - nav.latest / nav.high_water) if nav.high_water else 0.0
    bases = {each.symbol.base for each in state.held()}
    cash = [
        (f"cash {name}", money(units), "")
        for name, units in sorted(state.cash.items())
        if units and name not in bases
    ]
    rows = [
        *cash,
        ("equity", money(status.equity), f"{percent(100 * (nav.latest - 1))} since genesis"),
        ("realised", signed(state.realised), "by what was sold, after the fees of both sides"),
        ("fees", money(state.fees), ""),
        ("drawdown", f"{drawdown:.2f} %", "below the high-water mark"),
    ]
    return "money\n" + columns(rows, right=(1,))


def _section(title: str, rows: list[tuple[str, ...]]) -> str:
    return f"{title}\n" + (columns(rows) if rows else "  none\n")


def _positions(status: Status) -> str:
    rows = [_position(each, status) for each in status.positions]
    return _detailed("positions", rows, [plan_words(e.position.plan) for e in status.positions])


def _breakers(status: Status) -> str:
    latches = status.state.latches.values()
    rules = [one_line(each.text) for each in latches]
    return _detailed("tripped breakers", [_latch(each) for each in latches], rules)


def _detailed(title: str, rows: list[tuple[str, ...]], details: list[str]) -> str:
    """A section whose rows have a line each below them."""
    if not rows:
        return _section(title, rows)
    lines = zip(columns(rows).splitlines(), details, strict=True)
    return f"{title}\n" + "".join(f"{row}\n      {detail}\n" for row, detail in lines)


def _position(held: HeldPosition, status: Status) -> tuple[str, ...]:
    position = held.position
    now = status.state.last_cycle
    age = "" if now is None else f"held {lasting(now.since_s(position.opened))}"
    bid = "no bid" if held.bid is None else f"bid {exact(held.bid)}"
    stop = f"stop at {average(held.stop_price)}"
    room = "unknown" if held.to_stop_pct is None else f"{held.to_stop_pct:.2f} % above it"
    return (
        str(position.symbol),
        f"{exact(position.quantity)} at {average(position.entry_price)}",
        bid,
        percent(held.result_pct),
        f"{stop}, {room}",
        age,
    )


def _working(order: WorkingOrder) -> tuple[str, ...]:
    price = "market" if order.limit_price is None else f"at {exact(order.limit_price)}"
    until = "" if order.expires is None else f"until {clock(order.expires)}"
    return (
        order.status.value,
        f"{order.side.value} {order.symbol}",
        f"{exact(order.remaining)} of {exact(order.quantity)} {price}",
        until,
        order.client_order_id,
    )


def _asks(status: Status) -> list[str]:
    """Orders that a person was asked about; told only where somebody is asked."""
    rows = [_ask(each) for each in status.state.asks.values()]
    return [_section("orders that a person is asked about", rows)] if rows else []


def _ask(ask: Ask) -> tuple[str, ...]:
    said = ask.answered
    words = "waits for a yes" if said is None else f"{said.answer.value}, by {said.who}"
    return (
        str(ask.number),
        f"{ask.intent.value} {exact(ask.quantity)} {ask.symbol}",
        f"at most {money(ask.most, ask.symbol.quote)}",
        words,
        f"until {clock(ask.over)}",
    )


def _liquidating(status: Status) -> list[tuple[str, ...]]:
    return [
        (str(symbol), f"since {clock(each.since)}", f"by {each.who}", one_line(each.why))
        for symbol, each in sorted(status.state.liquidating.items())
    ]


def _overdue(status: Status) -> list[tuple[str, ...]]:
    """What a trim or a purge wants less of, by its name: the rule, and the product last."""
    return [
        (
            *name.rsplit(" ", 1),
            f"since {clock(each.since)}",
            f"held {exact(each.quantity)} then",
            "" if each.sliced is None else f"a slice asked for at {clock(each.sliced)}",
        )
        for name, each in sorted(status.state.overdue.items())
    ]


def _latch(latch: Latch) -> tuple[str, ...]:
    name = keyed(latch.breaker, latch.key)
    since = f"{latch.while_tripped} since {clock(latch.tripped)}"
    if latch.resets_at is not None:
        ends = f"resets at {clock(latch.resets_at)}"
    elif latch.rearm_not_before is not None:
        ends = f"`trader rearm {name}` from {clock(latch.rearm_not_before)} on"
    else:
        ends = "a person resets it"
    return name, since, ends


def _differences(status: Status) -> list[tuple[str, ...]]:
    return sorted(status.state.differences.items())


def _foreign(order: ForeignOrder) -> tuple[str, ...]:
    price = "market" if order.limit_price is None else f"at {exact(order.limit_price)}"
    return (
        "ORPHAN" if order.ours else order.status.value,
        f"{order.side.value} {order.symbol}",
        f"{exact(order.remaining)} of {exact(order.quantity)} {price}",
        order.venue_order_id,
    )


def _limits(status: Status) -> str:
    asked = sorted(status.rules.values(), key=_tightest_first)
    if not asked:
        return "limits and guards, when last asked\n  no decision was made yet\n"
    return "limits and guards, when last asked\n" + columns([_limit(e, status) for e in asked])


def _tightest_first(asked: AskedRule) -> tuple[int, str]:
    order = {Outcome.BREACH: 0, Outcome.UNDECIDED: 1, Outcome.PASS: 2}
    return order[asked.evaluation.outcome], rule_name(asked.evaluation)


def _limit(asked: AskedRule, status: Status) -> tuple[str, ...]:
    evaluation = asked.evaluation
    policy_set = status.named.policy_set if status.named else None
    return (
        evaluation.outcome.value,
        rule_name(evaluation),
        f"{clock(asked.time)} {asked.symbol}",
        numbers(evaluation, policy_set),
    )
