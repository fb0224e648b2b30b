"""A run as people read it: one compact line a cycle, and below it what happened.

In: told cycles, and which of their denials are news. Out: `Line`s. A denial that repeats is
counted on the cycle's line and told in full the first time only; the summary counts the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from cli.trader_verbs.running.told import DENIED, keyed
from cli.trader_verbs.shown import clock, counted, exact, money, percent, stamp
from engine.cycle.records.telling import one_line, reason_words, short_rule
from engine.ledger import bodies
from engine.ledger.folding.reloads import UNCHANGED
from engine.ledger.records import RecordKind
from engine.model.decisions import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
    parts = (
        f"{clock(this.now)}  {this.number:>6}  {told.state:<8}  {told.regime:<7}",
        f"{money(told.equity):>12} USD",
        f"day {percent(told.day_pct):>8}",
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
    """What happened, in the order in which the ledger has it."""
    orders = iter(told.this.orders)
    for kind, body in told.records:
        if kind is RecordKind.DECISION:
            line = _decided(next(orders), news, policy_set)
        else:
            line = _event(kind, body, told)
        if line is not None:
            yield Line(_INDENT + line.text, line.look)
    for note in told.this.notes:
        yield Line(f"{_INDENT}note    {note}", Look.CALM)


def _decided(told: Told, news: Sequence[Told], policy_set: PolicySet) -> Line | None:
    if told.outcome != DENIED:
        return Line(order_text(told, policy_set), Look.ORDER)
    is_news = any(each is told for each in news)
    return Line(denial_text(told, policy_set), Look.DENIAL) if is_news else None


def _event(kind: RecordKind, body: Body, told: ToldCycle) -> Line | None:
    if kind is RecordKind.ALERT:
        return _alert(body, told)
    if kind is RecordKind.RELOAD:
        return _not_activated(body)
    look, words = _WORDS[kind]
    return Line(words(body), look)


def _ended(body: Body) -> str:
    return f"ended   {body['symbol']} order {body['client_order_id']}: {body['reason']}"


def _halted(body: Body) -> str:
    return f"HALTED  by {body['who']}: {body['reason']}"


def _resumed(body: Body) -> str:
    return f"resumed by {body['who']}: {body['reason']}"


def _reset(body: Body) -> str:
    return f"reset   {keyed(body['breaker'], body['key'])}: {body['why']} ({body['who']})"


def _command(body: Body) -> str:
    target = f" {body['target']}" if body["target"] else ""
    return f"command {body['command']}{target} by {body['who']} ({body['why']}): {body['outcome']}"


def _trip(body: Body) -> str:
    name, text = keyed(body["breaker"], body["key"]), one_line(str(body["text"]))
    return f"TRIPPED {name}: {text}; {body['while_tripped']} until {reset_words(body)}"


def reset_words(body: Body) -> str:
    """When a tripped breaker lets go."""
    if body.get("resets_at") is not None:
        return clock(bodies.moment(body, "resets_at"))
    return f"re-armed by a person, from {clock(bodies.moment(body, 'rearm_not_before'))} on"


def _alert(body: Body, told: ToldCycle) -> Line | None:
    """An alert that begins to fire, goes on too long, or ends; that it goes on is no news."""
    if body.get("held_back") is True:
        return None
    name = keyed(body["rule"], body["key"])
    weight = f" ({body['severity']})" if body["severity"] else ""
    news = body.get("news") or body["phase"]
    words = f"alert   {name} {news}{weight}: {body['text']}"
    if body["phase"] == "resolved":
        return Line(words, Look.CALM)
    # Between two cycles alerts are asked too, and of those no round tells.
    fires = body["phase"] == "firing" and "told" in body
    return Line(words, Look.ALARM) if fires or name in told.this.fired else None


def order_text(told: Told, policy_set: PolicySet) -> str:
    """An order with its stamp: what, how much, at what price, the verdict, the id, the set."""
    intent, decision = told.intent, told.decision
    verdict = "allowed"
    if decision.verdict is Verdict.RESIZE:
        names = ", ".join(short_rule(each) for each in decision.resized_by)
        verdict = f"resized from {exact(decision.asked)} by {names}"
    what = _what(intent, exact(decision.quantity))
    mark = f"{told.client_order_id}  set {stamp(policy_set.hash)}"
    return f"order   {what}  {verdict}, {told.outcome}  {mark}"


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


def _activated(body: Body) -> str:
    """Another set in force, by whom it was ordered, and what it changes."""
    ordered, found = bodies.mapping(body, "ordered"), bodies.mapping(body, "comparison")
    by = f"ordered by {ordered['who']} ({ordered['why']})"
    change = f"permission {found['permission']}, protection {found['protection']}"
    return f"RELOAD  {body['name']} {body['policy_set']} is in force, {by}: {change}"


def _not_activated(body: Body) -> Line:
    found = body["policy_set"] or "documents that make no set"
    if body["outcome"] == UNCHANGED:
        return Line(f"reload  {found} is what runs: nothing was to be taken", Look.CALM)
    findings = body["findings"]
    first, *rest = findings if isinstance(findings, list) and findings else ("",)
    more = f", and {counted(len(rest), 'more finding')}" if rest else ""
    return Line(f"REFUSED {found}; the last good set goes on: {first}{more}", Look.ALARM)


_WORDS: dict[RecordKind, tuple[Look, Callable[[Body], str]]] = {
    RecordKind.FILLED: (Look.FILL, _fill),
    RecordKind.CANCELLED: (Look.QUIET, _ended),
    RecordKind.OPERATOR_COMMAND: (Look.CALM, _command),
    RecordKind.HALT: (Look.ALARM, _halted),
    RecordKind.RESUME: (Look.CALM, _resumed),
    RecordKind.BREAKER_TRIPPED: (Look.ALARM, _trip),
    RecordKind.BREAKER_RESET: (Look.CALM, _reset),
    RecordKind.SET_ACTIVATED: (Look.CALM, _activated),
}
