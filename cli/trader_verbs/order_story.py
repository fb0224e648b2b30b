"""The story of one order as a page: what allowed it, and what became of it.

In: a `Story` and the set that decided. Out: text, from the wish to the last fill, with every
rule's numbers and all 64 digits of the set's hash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.rules_shown import rules_table
from cli.trader_verbs.shown import approval_rows, average, clock, columns, counted, exact, money
from engine.cycle.records.telling import short_rule
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.decisions import Verdict
from engine.model.numbers import ZERO
from engine.model.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from engine.cycle.records.story import DecisionRecord, Step, Story
    from engine.expr.nodes import Value
    from engine.ledger.bodies import Body
    from engine.model.orders import ExitPlan
    from engine.run.questions import NamedSet


def story_page(story: Story, named: NamedSet) -> str:
    """The whole page."""
    decided = story.decided
    return "\n".join(
        (
            columns(list(_head(story, named)), indent=0),
            f"what became of it\n{columns([_step(each) for each in story.steps])}",
            rules_table(decided.decision, named.policy_set),
            f"facts of the decision\n{columns(_facts(decided), right=(1,))}",
        )
    )


def _head(story: Story, named: NamedSet) -> Iterator[tuple[str, str]]:
    decided = story.decided
    intent, decision = decided.intent, decided.decision
    price = "at the market" if intent.limit_price is None else f"at {exact(intent.limit_price)}"
    yield "order", str(decided.client_order_id)
    yield "is", f"{intent.side.value} {exact(decision.quantity)} {intent.symbol} {price}"
    yield "", f"{intent.intent.value}, {intent.form.value}, intent {intent.number}, {decided.mode}"
    if intent.parent is not None:
        yield "after", f"intent {intent.parent}, which ended with something left"
    yield "wanted by", f"{intent.strategy}: {intent.reason}"
    yield "decided", f"{clock(decided.time)} UTC, cycle {decided.cycle:,}: {_verdict(decided)}"
    yield "policy set", named.name
    yield "hash", decided.policy_set
    yield from approval_rows(named.approval)
    if named.origin:
        yield "", named.origin
    if intent.plan is not None:
        yield "exit plan", plan_words(intent.plan)
    yield from _fills(story)


def _verdict(decided: DecisionRecord) -> str:
    decision = decided.decision
    if decision.verdict is Verdict.RESIZE:
        names = ", ".join(map(short_rule, decision.resized_by))
        return f"resized from {exact(decision.asked)} by {names}"
    return "allowed as asked"


def _fills(story: Story) -> Iterator[tuple[str, str]]:
    fills = [each.body for each in story.steps if each.kind is RecordKind.FILLED]
    if not fills:
        yield "filled", "nothing"
        return
    quote = story.decided.intent.symbol.quote
    quantity = sum((bodies.number(each, "quantity") for each in fills), ZERO)
    value = sum((_value(each) for each in fills), ZERO)
    fees = sum((bodies.number(each, "fee") for each in fills), ZERO)
    times = "" if len(fills) == 1 else f" in {counted(len(fills), 'execution')}"
    price = exact(value / quantity) if len(fills) == 1 else average(value / quantity)
    told = f"{exact(quantity)} at {price} = {money(value, quote)}, fee {money(fees, quote)}"
    yield "filled", told + times


def _value(fill: Body) -> Decimal:
    return bodies.number(fill, "quantity") * bodies.number(fill, "price")


def plan_words(plan: ExitPlan) -> str:
    """An exit plan in one line."""
    parts = [f"stop {plan.stop_pct} %"]
    if plan.target_pct is not None:
        parts.append(f"target {plan.target_pct} %")
    if plan.trailing_pct is not None:
        parts.append(f"trailing {plan.trailing_pct} %")
    if plan.max_hold_s is not None:
        parts.append(f"at most {duration_text(plan.max_hold_s)}")
    if plan.when is not None:
        parts.append(f"when {plan.when}")
    return ", ".join((*parts, f"sold blind after {duration_text(plan.blind_exit_after_s)}"))


def _step(step: Step) -> tuple[str, str, str, str]:
    return clock(step.time), f"{step.sequence:,}", step.kind.value, _said(step)


def _said(step: Step) -> str:
    body = step.body
    match step.kind:
        case RecordKind.INTENT:
            expires = bodies.optional_moment(body, "expires")
            until = "" if expires is None else f", until {clock(expires)}"
            agreed = f", agreed to by {body['agreed_by']}" if "agreed_by" in body else ""
            return f"{body['quantity']} as {body['form']}{until}{agreed}"
        case RecordKind.ACKNOWLEDGED:
            return f"the venue calls it {body['venue_order_id']}"
        case RecordKind.FILLED:
            rested = "maker" if body["maker"] else "taker"
            return f"{body['quantity']} at {body['price']}, fee {body['fee']}, {rested}"
        case _:
            return str(body.get("reason", ""))


def _facts(decided: DecisionRecord) -> list[tuple[str, str]]:
    facts = sorted(decided.situation.facts.items())
    groups = [fact for group in decided.situation.groups for fact in sorted(group.items())]
    return [(name, _fact(value)) for name, value in (*facts, *groups)]


def _fact(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:,.10g}"
        case frozenset():
            return ", ".join(sorted(value))
        case _:
            return value
