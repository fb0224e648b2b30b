"""Several traders side by side: a line for each, those that ask for a look first.

In: words that open ledgers. Out: a table or JSON. One that cannot be read has its line too, with
why: a line that is missing would read as an account that is well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from cli.trader_verbs.console.gathering import panel_of
from cli.trader_verbs.console.panel import Tone
from cli.trader_verbs.shown import columns
from cli.trader_verbs.status_json import status_body
from engine.errors import MandateError
from engine.run.ledgers import LedgerView
from engine.run.status import status_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.ledger.bodies import Json
    from engine.model.times import UtcTime
    from engine.run.status import Status

_FIGURES = ("equity", "today", "drawdown", "positions", "unknown", "alerts")
_URGENCY = {Tone.BAD: 0, Tone.WARN: 1}
_CALM = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """One ledger: its status, or why there is none."""

    ledger: str
    status: Status | None
    refused: str = ""


def asked_all(ledgers: Iterable[str]) -> list[Asked]:
    """Read each of them."""
    return [_asked(each) for each in ledgers]


def _asked(ledger: str) -> Asked:
    try:
        return Asked(ledger, status_of(LedgerView.open(ledger)))
    except MandateError as error:
        return Asked(ledger, None, "; ".join(each.message for each in error.diagnostics))


def all_page(asked: Sequence[Asked], now: UtcTime) -> str:
    """A table, and below it what could not be read."""
    rows = sorted(_rows(asked, now), key=lambda row: row[0])
    heads = ("account", "mode", "state", *_FIGURES, "last cycle", "run by", "ledger")
    table = columns([heads, *(row[1] for row in rows)], right=range(3, 9), indent=0)
    unread = [(each.ledger, each.refused) for each in asked if each.status is None]
    return table + (f"\nnot read\n{columns(unread)}" if unread else "")


def _rows(asked: Sequence[Asked], now: UtcTime) -> Iterable[tuple[int, tuple[str, ...]]]:
    for each in asked:
        if each.status is not None:
            yield _row(each.status, each.ledger, now)


def _row(status: Status, ledger: str, now: UtcTime) -> tuple[int, tuple[str, ...]]:
    panel, state = panel_of(status, now), status.state
    equity, today, drawdown, _, positions, _, unknown, firing = (e.value for e in panel.figures)
    urgency = _URGENCY.get(panel.state.tone, _CALM)
    told = (state.account, state.mode, panel.state.text)
    figures = (equity, today, drawdown, positions, unknown, firing)
    holder = "nobody" if status.holder is None else f"{status.holder.pid} on {status.holder.host}"
    return urgency, (*told, *figures, panel.last_cycle.text, holder, ledger)


def all_json(asked: Sequence[Asked]) -> str:
    """One object a ledger, each as `trader status --format json` has it."""
    found: list[Json] = [
        {
            "ledger": each.ledger,
            "status": None if each.status is None else status_body(each.status),
            "refused": each.refused or None,
        }
        for each in asked
    ]
    return orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n"
