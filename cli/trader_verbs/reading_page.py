"""A reading of the account as a page: both sides of every balance, and what differs.

In: what a reading came to, and its record. Out: text; what agrees is told as well, since a missing
line could be taken for a missing question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.shown import columns, counted
from engine.ledger import bodies

if TYPE_CHECKING:
    from engine.ledger.bodies import Body, Json
    from engine.run.accounts import Answered


def reading_page(answer: Answered) -> str:
    """The whole page."""
    reading = answer.reading
    if reading is None:
        return f"{answer.outcome}\n"
    parts = [f"{answer.outcome}\n", _balances(reading), _differences(reading), _orders(reading)]
    if answer.taken:
        parts.append("taken in\n" + "".join(f"  {each}\n" for each in answer.taken))
    rebuilt = reading.get("rebuilt")
    if isinstance(rebuilt, dict):
        parts.append(_rebuilt(rebuilt))
    return "\n".join(parts)


def _balances(reading: Body) -> str:
    away, settling = bodies.mapping(reading, "away"), bodies.texts(reading, "settling")
    rows = []
    for name, pair in bodies.mapping(reading, "balances").items():
        told, ours = (str(each) for each in pair) if isinstance(pair, list) else ("", "")
        rows.append((name, told, ours, _verdict(name, away, settling, same=told == ours)))
    head = [("", "venue", "ledger", "")]
    return "balances\n" + (columns([*head, *rows], right=(1, 2)) if rows else "  none\n")


def _verdict(name: str, away: Body, settling: list[str], *, same: bool) -> str:
    if name in away:
        return "DIFFERS"
    if name in settling:
        return "may still settle"
    return "agrees" if same else "agrees within the slack"


def _differences(reading: Body) -> str:
    found = bodies.mapping(reading, "differences")
    rows = [(name, str(words)) for name, words in sorted(found.items())]
    return "differs\n" + (columns(rows) if rows else "  nothing\n")


def _orders(reading: Body) -> str:
    fills, working, foreign = (bodies.whole(reading, k) for k in ("fills", "working", "foreign"))
    return (
        "orders\n"
        f"  {counted(fills, 'fill')} in the ledger, {counted(working, 'order')} working, "
        f"{counted(foreign, 'open order')} of others\n"
    )


def _rebuilt(rebuilt: dict[str, Json]) -> str:
    missing = bodies.texts(rebuilt, "missing")
    differs = bodies.mapping(rebuilt, "differs")
    rows = [(name, str(words)) for name, words in sorted(differs.items())]
    rows += [(f"fill {each}", "was missing, and is taken in") for each in missing]
    head = f"rebuilt from {counted(bodies.whole(rebuilt, 'read'), 'fill')}\n"
    return head + (columns(rows) if rows else "  every fill is in the ledger, as the venue says\n")
