"""`policy rejudge [DIR] --ledger DIR`: what this set would have decided about recorded orders.

In: a set and a ledger. Out: how many decisions come out otherwise, in which direction and about
how much money; the rules that they turn on; the first of them, explained. Exit status 1 where
one does, 3 where some cannot be told.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output.progress import bar_for
from cli.policy_verbs.sets import Directory, chosen
from cli.trader_verbs.options import (
    LedgerOption,
    OutputFormat,
)
from cli.trader_verbs.shown import clock, columns, counted, exact, money, stamp
from engine.comparison.rejudging.flips import Turn
from engine.cycle.records.telling import reason_words
from engine.ledger import bodies
from engine.model.numbers import canonical_number
from engine.policyset.opening import load_policy_set
from engine.run.ledgers import LedgerView
from engine.run.rejudging import rejudged

if TYPE_CHECKING:
    from collections import Counter

    from engine.comparison.rejudging.flips import Flip, Rejudged
    from engine.model.decisions import Decision
    from engine.policyset.policyset import PolicySet

_SHOWN = 8
_TURNS = {
    Turn.ALLOWED: "denied then, allowed now",
    Turn.LARGER: "larger now",
    Turn.SMALLER: "smaller now",
    Turn.DENIED: "allowed then, denied now",
}


def rejudge(
    directory: Directory = None,
    *,
    ledger: LedgerOption,
    output: Annotated[
        OutputFormat, typer.Option("--format", help="Text to read, or one JSON object.")
    ] = OutputFormat.TEXT,
    jobs: Annotated[
        int, typer.Option(min=1, metavar="N", help="Processes of this machine.")
    ] = os.cpu_count() or 1,
) -> ExitCode:
    """Judge every recorded decision of a ledger again, under this set's limits and guards.

    What was wanted, which products there were and which breakers stood are as recorded.
    """
    candidate = load_policy_set(chosen(directory)).required()
    found = _watched(candidate, LedgerView.open(ledger), jobs)
    if output is OutputFormat.JSON:
        typer.echo(json.dumps(as_json(found), sort_keys=True))
    else:
        typer.echo(_page(found, candidate), nl=False)
    if found.flips:
        return ExitCode.FINDINGS
    return ExitCode.UNDECIDED if found.doubtful else ExitCode.FINE


def _watched(candidate: PolicySet, view: LedgerView, jobs: int) -> Rejudged:
    """Judged again, with a bar of segments for who looks on."""
    bar = bar_for(sys.stderr, "segments")
    try:
        return rejudged(candidate, view, jobs, bar.begin, bar.advance)
    finally:
        bar.close()


def _page(found: Rejudged, candidate: PolicySet) -> str:
    currency = candidate.deployment.numeraire
    same = found.decisions - found.flips - found.doubtful
    rows = [
        ("judged again", counted(found.decisions, "decision"), f"by {stamp(found.candidate)}"),
        ("came out the same", f"{same:,}", ""),
    ]
    for turn in Turn:
        total = found.turns.get(turn)
        if total is not None:
            rows.append((_TURNS[turn], f"{total.count:,}", money(total.notional, currency)))
    if found.doubtful:
        rows.append(("cannot be told", f"{found.doubtful:,}", "for want of recorded facts"))
    parts = [columns(rows, right=(1,), indent=0)]
    parts += [_counts("they turn on", found.by), _counts("not recorded", found.untold)]
    if found.first is not None:
        parts.append(_explained(found.first, candidate))
    return "".join(parts)


def _counts(head: str, counts: Counter[str]) -> str:
    if not counts:
        return ""
    rows = [(f"{times:,}x", name) for name, times in counts.most_common(_SHOWN)]
    more = f"  and {len(counts) - _SHOWN} more\n" if len(counts) > _SHOWN else ""
    return f"\n{head}\n{columns(rows, right=(0,))}{more}"


def _explained(flip: Flip, candidate: PolicySet) -> str:
    recorded = flip.recorded
    wish = recorded.intent
    rows = [
        ("asked", f"{wish.intent.value} {exact(wish.quantity)} {wish.symbol}: {wish.reason}"),
        ("then", _decided(recorded.decision, None)),
        ("now", _decided(flip.judged, candidate)),
    ]
    when = f"record {recorded.sequence:,}, {clock(recorded.time)} UTC, {stamp(recorded.policy_set)}"
    return f"\nthe first: {when}\n{columns(rows)}"


def _decided(decision: Decision, policy_set: PolicySet | None) -> str:
    if not decision.verdict.allowed:
        return "denied: " + "; ".join(reason_words(each, policy_set) for each in decision.reasons)
    by = f", resized by {', '.join(decision.resized_by)}" if decision.resized_by else ""
    return f"{exact(decision.quantity)} allowed{by}"


def as_json(found: Rejudged) -> dict[str, object]:
    """All of it as one object."""
    return {
        "policy_set": found.candidate,
        "recorded_sets": sorted(found.sets),
        "decisions": found.decisions,
        "flips": {
            turn.value: {
                "count": total.count,
                "notional": canonical_number(total.notional),
                "looser": turn.looser,
            }
            for turn, total in found.turns.items()
        },
        "turn_on": dict(sorted(found.by.items())),
        "untold": found.doubtful,
        "not_recorded": dict(sorted(found.untold.items())),
        "first": None if found.first is None else _flip_json(found.first),
    }


def _flip_json(flip: Flip) -> dict[str, object]:
    recorded = flip.recorded
    return {
        "sequence": recorded.sequence,
        "time": str(recorded.time),
        "policy_set": recorded.policy_set,
        "client_order_id": recorded.client_order_id,
        "symbol": str(recorded.intent.symbol),
        "intent": recorded.intent.intent.value,
        "turn": flip.turn.value,
        "notional": None if flip.notional is None else bodies.written(flip.notional),
        "recorded": _decision_json(recorded.decision),
        "judged": _decision_json(flip.judged),
    }


def _decision_json(decision: Decision) -> dict[str, object]:
    return {
        "verdict": decision.verdict.value,
        "quantity": bodies.written(decision.quantity),
        "reasons": [str(each) for each in decision.reasons],
        "resized_by": list(decision.resized_by),
    }
