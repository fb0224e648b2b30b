"""Reloads: which set is in force since when, and a set that was refused until that is mended.

In: activations, and records of tries that took nothing. Out: `state.reload`. A refused set is kept
until another one is activated, or the running one is found in its place again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.state import RefusedSet, Reload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.ledger.bodies import Json
    from engine.ledger.state import State
    from engine.model.times import UtcTime

REFUSED, UNCHANGED = "refused", "unchanged"
"""What a try came to that took nothing."""


def activated(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """A set is in force from now on; other ceilings beside the same set do not make it younger."""
    same = state.policy_set == bodies.text(body, "policy_set")
    state.reload = Reload(since=state.reload.since if same else time)


def reload(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Nothing was taken: the set was refused, or it is the one that runs."""
    state.reload.asked = None
    if bodies.text(body, "outcome") == UNCHANGED:
        state.reload.refused = None
        return
    told = body["findings"]
    words = tuple(map(str, told)) if isinstance(told, list) else ()
    state.reload.refused = RefusedSet(bodies.optional_text(body, "policy_set"), time, words)
