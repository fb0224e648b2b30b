"""Trims and purges that were refused, and why: what was said last of each, until it changes.

In: decisions. Out: `state.refused`, by product and kind of sale; numbers in the reasons are left
out, since they move with every quote. What is allowed, or no longer wanted, has no refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.model.orders import Intent
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.ledger.bodies import Json
    from engine.ledger.state import State
    from engine.model.times import UtcTime

UPKEEP = frozenset({Intent.TRIM, Intent.PURGE})
"""What is asked for again in every cycle for as long as it is refused."""
_NAMES = {intent.value for intent in UPKEEP}


def decision(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    """Count a decision, and keep the refusal of a trim or a purge."""
    state.decisions += 1
    wish = body.get("wish")
    why = wish.get("why") if isinstance(wish, dict) else None
    if why not in _NAMES:
        return
    key = Symbol.parse(bodies.text(body, "symbol")), Intent(why)
    reasons = body.get("reasons")
    if isinstance(reasons, list) and reasons:
        state.refused[key] = words_of(reasons)
    else:
        state.refused.pop(key, None)


def forget(state: State) -> None:
    """Drop the refusals of products of which no rule wants less any more."""
    wanted = {name.rpartition(" ")[2] for name in state.overdue}
    state.refused = {key: said for key, said in state.refused.items() if str(key[0]) in wanted}


def words_of(reasons: Sequence[Json]) -> tuple[str, ...]:
    """The reasons of a refusal without their numbers."""
    return tuple(_words(each) for each in reasons if isinstance(each, list) and each)


def _words(reason: Sequence[Json]) -> str:
    pairs = (each for each in reason[1:] if isinstance(each, list))
    said = (f"{name}={value}" for name, value in pairs if not _is_number(str(value)))
    return " ".join((str(reason[0]), *said))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
