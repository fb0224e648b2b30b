"""A person's tighten: no new risk in one product, or in any, for a stated time.

In: a command whose target is a product (or none) and whole seconds. Out: a latch like a breaker's,
which lets go by itself when its time is over and by no other way. Refuses what would loosen: a
time that ends before the one that runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.ledger.records import RecordKind
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime

TIGHTENED = "tightened"
"""The name of the latch, which no document of a set bears."""


def target_of(product: str, seconds: int) -> str:
    """What the command is about, as its file has it."""
    return f"{product} {seconds}"


def tighten(desk: Desk, now: UtcTime, target: str, words: str) -> str:
    """Latch, and say what came of it; `words` are who ordered it and why."""
    name, _, seconds = target.rpartition(" ")
    if not seconds.isdecimal() or int(seconds) == 0:
        return f"refused: `{seconds}` is no number of seconds"
    key = _key(name)
    if key is None:
        return f"refused: `{name}` is not the name of a product"
    until = now.plus_s(int(seconds))
    latch = desk.state.latches.get((TIGHTENED, key))
    if latch is not None and latch.resets_at is not None and latch.resets_at >= until:
        return f"refused: no new risk until {latch.resets_at} already"
    body: Body = {
        "breaker": TIGHTENED,
        "key": key,
        "scope": "account" if key == ACCOUNT_KEY else "symbol",
        "while_tripped": "reducing",
        "cancel": "entries",
        "on_trip": "none",
        "text": words,
        "resets_at": str(until),
    }
    desk.recorder.record(RecordKind.BREAKER_TRIPPED, now, body)
    return f"no new risk in {name or 'anything'} until {until}"


def _key(name: str) -> str | None:
    if not name:
        return ACCOUNT_KEY
    try:
        return str(Symbol.parse(name))
    except ValueError:
        return None
