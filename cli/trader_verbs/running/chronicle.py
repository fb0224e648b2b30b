"""A run as people read it: one compact line a cycle, and below it what happened.

In: told cycles, and which of their denials are news. Out: `Line`s. A denial that repeats is
counted on the cycle's line and told in full the first time only; the summary counts the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from cli.trader_verbs.running.told import keyed
from cli.trader_verbs.shown import UNKNOWN, clock, counted, exact, money, percent, stamp
from engine.cycle.telling import reason_words, short_rule
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.decisions import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cli.trader_verbs.running.told import ToldCycle
    from engine.cycle.desk import Told
    from engine.ledger.bodies import Body
    from engine.model.orders import OrderIntent
    from engine.policyset.policyset import PolicySet

_INDENT = " " * 6


class Look(Enum):
    """The part that a line plays; the value is its look on a terminal."""

    CYCLE = ""
    QUIET = "dim"
    ORDER = "bold"
    FILL = "green"
    DENIAL = "yellow"
    ALARM = "bold red"
    CALM = "cyan"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output, without its line break."""

    text: str
    look: Look = Look.CYCLE


def cycle_lines(told: ToldCycle, news: Sequence[Told], policy_set: PolicySet) -> list[Line]:
    """The lines of one cycle; the first is always there."""
    events = [*_events(told, news, policy_set)]
    head = _head(told)
    return [Line(head, Look.CYCLE if events else Look.QUIET), *events]


def _head(told: ToldCycle) -> str:
    this = told.this
    day = this.account.get("portfolio.pnl_day_pct")
    result = percent(day) if isinstance(day, float) else UNKNOWN
    parts = (
        f"{clock(this.now)}  {this.number:>6}  {told.state:<8}  {told.regime:<7}",
        f"{money(told.equity):>12} USD",
        f"day {result:>8}",
        f"{told.open_positions:>2} open",
        _counts(told),
    )
    return "  ".join(parts).rstrip()


def _counts(told: ToldCycle) -> str:
    fills = len(told.of(RecordKind.FILLED))
    counts = (
        (len(told.sent), counted(len(told.sent), "order")),
        (fills, counted(fills, "fill")),
        (len(told.denied), f"{len(told.denied)} denied"),
    )
    return ", ".join(text for count, text in counts if count)


def _events(told: ToldCycle, news: Sequence[Told], policy_set: PolicySet) -> Iterator[Line]:
    yield from _states(told)
    for each in told.sent:
        yield Line(_INDENT + order_text(each, policy_set), Look.ORDER)
    for body in told.of(RecordKind.FILLED):
        yield Line(_INDENT + _fill(body), Look.FILL)
    for body in told.of(RecordKind.CANCELLED):
        words = f"ended   {body['symbol']} order {body['client_order_id']}: {body['reason']}"
        yield Line(_INDENT + words, Look.QUIET)
    for each in news:
        yield Line(_INDENT + denial_text(each, policy_set), Look.DENIAL)
    yield from _alerts(told)
    for note in told.this.notes:
        yield Line(f"{_INDENT}note    {note}", Look.CALM)


def _states(told: ToldCycle) -> Iterator[Line]:
    for body in told.of(RecordKind.OPERATOR_COMMAND):
        target = f" {body['target']}" if body["target"] else ""
        who = f"by {body['who']} ({body['why']})"
        words = f"command {body['command']}{target} {who}: {body['outcome']}"
        yield Line(_INDENT + words, Look.CALM)
    for body in told.of(RecordKind.HALT):
        yield Line(f"{_INDENT}HALTED  by {body['who']}: {body['reason']}", Look.ALARM)
    for body in told.of(RecordKind.BREAKER_TRIPPED):
        name = keyed(body["breaker"], body["key"])
        words = f"TRIPPED {name}: {body['text']}; {body['while_tripped']} until {reset_words(body)}"
        yield Line(_INDENT + words, Look.ALARM)
    for body in told.of(RecordKind.BREAKER_RESET):
        words = f"reset   {keyed(body['breaker'], body['key'])}: {body['why']} ({body['who']})"
        yield Line(_INDENT + words, Look.CALM)


def reset_words(body: Body) -> str:
    """When a tripped breaker lets go."""
    if body.get("resets_at") is not None:
        return clock(bodies.moment(body, "resets_at"))
    return f"re-armed by a person, from {clock(bodies.moment(body, 'rearm_not_before'))} on"


def _alerts(told: ToldCycle) -> Iterator[Line]:
    for body in told.of(RecordKind.ALERT):
        if body["phase"] not in {"firing", "resolved"} or not body.get("notified"):
            continue
        name = keyed(body["rule"], body["key"])
        words = f"alert   {name} {body['phase']} ({body['severity']}): {body['text']}"
        look = Look.ALARM if body["phase"] == "firing" else Look.CALM
        yield Line(_INDENT + words, look)


def order_text(told: Told, policy_set: PolicySet) -> str:
    """An order with its stamp: what, how much, at what price, the verdict, the id, the set."""
    intent, decision = told.intent, told.decision
    verdict = "allowed"
    if decision.verdict is Verdict.RESIZE:
        names = ", ".join(short_rule(each) for each in decision.resized_by)
        verdict = f"resized from {exact(decision.asked)} by {names}"
    what = _what(intent, exact(decision.quantity))
    return (
        f"order   {what}  {verdict}, {told.outcome}  {told.client_order_id}  set {_set(policy_set)}"
    )


def denial_text(told: Told, policy_set: PolicySet) -> str:
    """A denial with all of its reasons in words."""
    reasons = "; ".join(reason_words(each, policy_set) for each in told.decision.reasons)
    return f"DENIED  {_what(told.intent, exact(told.decision.asked))}  {reasons}"


def _what(intent: OrderIntent, quantity: str) -> str:
    price = "market" if intent.limit_price is None else f"at {exact(intent.limit_price)}"
    return (
        f"{intent.side.value:<4} {intent.symbol!s:<9} {intent.intent.value:<5} {quantity} {price}"
    )


def _fill(body: Body) -> str:
    quantity, price = bodies.number(body, "quantity"), bodies.number(body, "price")
    quote = str(body["symbol"]).rpartition("-")[2]
    worth, fee = money(quantity * price, quote), money(bodies.number(body, "fee"), quote)
    side = f"{body['side']:<4} {body['symbol']:<9}"
    return f"filled  {side} {exact(quantity)} at {exact(price)} = {worth}, fee {fee}"


def _set(policy_set: PolicySet) -> str:
    return stamp(policy_set.hash)
