"""Probes: which order ids were a probe's, and what the venue did with them.

In: the two records of a probe: before its first order leaves, and after its last was cancelled.
Out: `state.probe_ids`, so that no scan takes a probe for a stranger's order; `state.probed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.state import Probed
from engine.model.probing import ProbeFindings, Repeated
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.ledger.bodies import Body, Json
    from engine.ledger.state import State
    from engine.model.times import UtcTime


def probe(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Keep the ids of a probe that begins; and what one that has ended found."""
    state.probe_ids.update(bodies.texts(body, "client_order_ids"))
    if "findings" in body:
        symbol = Symbol.parse(bodies.text(body, "symbol"))
        state.probed = Probed(time, symbol, findings_of(bodies.mapping(body, "findings")))


def findings_body(found: ProbeFindings) -> Body:
    """Findings as a record holds them."""
    return {
        "same": found.same.value,
        "other_size": found.other_size.value,
        "after_cancel": found.after_cancel.value,
        "plain_id": found.plain_id,
        "list_lag_s": found.list_lag_s,
        "left": [*found.left],
    }


def findings_of(body: Mapping[str, Json]) -> ProbeFindings:
    """The findings that `findings_body` wrote."""
    lag, plain = body.get("list_lag_s"), body.get("plain_id")
    return ProbeFindings(
        same=Repeated(bodies.text(body, "same")),
        other_size=Repeated(bodies.text(body, "other_size")),
        after_cancel=Repeated(bodies.text(body, "after_cancel")),
        plain_id=plain if isinstance(plain, bool) else None,
        # A whole number of seconds is written without its point.
        list_lag_s=float(lag) if isinstance(lag, float | int) else None,
        left=tuple(bodies.texts(body, "left")),
    )
