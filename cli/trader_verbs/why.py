"""`trader why SYMBOL`: what stood in a product's way.

In: a ledger, a product, a cycle (else the last), or a stretch of time. Out: the first blocker in
words, also when nothing was proposed; where an order was decided, every rule with its numbers and
headroom; what else stood in the way in the cycles before, or in the whole stretch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.console.reasons import decision_row
from cli.trader_verbs.options import LedgerOption, duration
from cli.trader_verbs.rules_shown import rules_table
from cli.trader_verbs.shown import clock, columns, counted, exact, stamp
from engine.cycle.records.telling import reason_words
from engine.model.decisions import Verdict
from engine.run.hindrances import Past, hindered
from engine.run.ledgers import LedgerView
from engine.run.questions import (
    EARLIER_CYCLES,
    Earlier,
    Hindrance,
    differences,
    earlier_hindrances,
    last_decision,
    named_set,
)
from engine.run.questions import why as ask_why

if TYPE_CHECKING:
    from engine.cycle.records.story import DecisionRecord
    from engine.policyset.policyset import PolicySet

_SHOWN = 5


def why(
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="A product: BTC-USD.")],
    *,
    ledger: LedgerOption,
    cycle: Annotated[
        int | None, typer.Option("--cycle", min=1, help="A cycle's number; else the last.")
    ] = None,
    last: Annotated[
        int | None,
        typer.Option("--last", metavar="DURATION", parser=duration, help="All of it: `24h`."),
    ] = None,
) -> ExitCode:
    """Say what stood in a product's way in the last cycle, or in the one named.

    What else did in the sixty cycles before is told too, with how often it did. With `--last` a
    whole stretch is told: every sort of reason, and every decision.
    """
    if last is not None:
        return _stretch(ledger, symbol, last) if cycle is None else _either()
    typer.echo(answer(LedgerView.open(ledger), symbol, cycle), nl=False)
    return ExitCode.FINE


def answer(view: LedgerView, symbol: str, cycle: int | None = None) -> str:
    """The whole answer about one cycle, the last where none is named."""
    with view.index() as index:
        found = ask_why(index, symbol, cycle)
        policy_set = named_set(index, found.policy_set).policy_set
        earlier = None if found.decisions else last_decision(index, found.symbol)
        before = earlier_hindrances(index, found)
        differs = differences(index)
    return page(found, policy_set, earlier) + _differs(differs) + _before(before, policy_set)


def _either() -> ExitCode:
    typer.echo("trader why: ask for one cycle with `--cycle`, or for `--last` so long", err=True)
    return ExitCode.USAGE


def _stretch(ledger: str, symbol: str, last: int) -> ExitCode:
    """A whole stretch, from its index."""
    with LedgerView.open(ledger).index() as index:
        past = hindered(index, symbol, last)
        policy_set = named_set(index, past.policy_set).policy_set
    typer.echo(past_page(past, policy_set), nl=False)
    return ExitCode.FINE


def past_page(past: Past, policy_set: PolicySet | None) -> str:
    """What stood in the way and how often, then every decision, the newest first."""
    span = f"{clock(past.since)} to {clock(past.until)} UTC"
    head = (
        f"{past.symbol}: {span}, {counted(past.cycles, 'cycle')}\n"
        f"  {counted(past.seen, 'cycle')} knew it, nothing stood in its way in {past.clear:,}\n"
    )
    stood = [
        (
            f"{each.count:,}x",
            reason_words(each.reason, policy_set),
            f"{clock(each.first)} to {clock(each.last)}",
        )
        for each in past.stood
    ]
    decided = [
        [cell.text for cell in decision_row(each, policy_set)] for each in reversed(past.decisions)
    ]
    return "\n".join(
        (
            head,
            "what stood in its way\n" + (columns(stood, right=(0,)) or "  nothing\n"),
            "what was decided\n" + (columns(decided, right=(3,)) or "  nothing\n"),
        )
    )


def _differs(found: dict[str, str]) -> str:
    """What differs between venue and ledger, and what a person can do about it."""
    return "\nvenue and ledger differ\n" + columns(sorted(found.items())) if found else ""


def _before(earlier: tuple[Earlier, ...], policy_set: PolicySet | None) -> str:
    """What else stood in the way in the cycles before, and how often."""
    if not earlier:
        return ""
    rows = [
        (
            f"{each.count}x",
            f"{reason_words(each.reason, policy_set)} (last in cycle {each.cycle:,})",
        )
        for each in earlier[:_SHOWN]
    ]
    more = f"  and {len(earlier) - _SHOWN} more\n" if len(earlier) > _SHOWN else ""
    head = f"\nin the {EARLIER_CYCLES} cycles before\n"
    return head + columns(rows, right=(0,)) + more


def page(answer: Hindrance, policy_set: PolicySet | None, earlier: DecisionRecord | None) -> str:
    """The whole answer; `earlier` is the last decision where this cycle made none."""
    when = f"cycle {answer.cycle:,}, {clock(answer.time)} UTC, {answer.state}"
    head = f"{answer.symbol}: {_verdict(answer, policy_set)}\n"
    parts = [f"{head}  {when}, policy set {stamp(answer.policy_set)}\n"]
    parts += [decision_page(each, policy_set) for each in answer.decisions]
    if earlier is not None:
        parts.append(_earlier(earlier, answer.symbol))
    return "\n".join(parts)


def decision_page(decided: DecisionRecord, policy_set: PolicySet | None) -> str:
    """One decision: what was asked, the answer, and every rule."""
    intent, decision = decided.intent, decided.decision
    price = "market" if intent.limit_price is None else f"at {exact(intent.limit_price)}"
    asked = f"{intent.side.value} {exact(decision.asked)} {intent.symbol} {price}"
    head = (
        f"record {decided.sequence:,}: {asked} ({intent.intent.value})\n"
        f"  wanted by {intent.strategy}: {intent.reason}\n"
        f"  {_answer(decided)}\n"
    )
    reasons = "".join(f"  because {reason_words(each, policy_set)}\n" for each in decision.reasons)
    return head + reasons + rules_table(decision, policy_set)


def _verdict(answer: Hindrance, policy_set: PolicySet | None) -> str:
    if answer.reason is not None:
        return reason_words(answer.reason, policy_set)
    return f"nothing stood in its way: {_answer(answer.decisions[-1])}"


def _answer(decided: DecisionRecord) -> str:
    decision = decided.decision
    match decision.verdict:
        case Verdict.DENY:
            return "denied"
        case Verdict.ALLOW:
            return f"allowed as order {decided.client_order_id}"
        case Verdict.RESIZE:
            size = f"{exact(decision.quantity)} of {exact(decision.asked)}"
            return f"allowed smaller, {size}, as order {decided.client_order_id}"


def _earlier(earlier: DecisionRecord, symbol: object) -> str:
    return (
        f"the last decision about it was in cycle {earlier.cycle:,}, {clock(earlier.time)} UTC: "
        f"{_answer(earlier)}\n  trader why {symbol} --cycle {earlier.cycle}\n"
    )
