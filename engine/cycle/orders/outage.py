"""An outage of the shared ledger: what the Deployment says of new risk meanwhile.

In: the desk. Out: for how long the server has not held what the journal does, where that stops
entries; None where nothing does. Exits are never asked: the journal on this machine is durable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.cycle.desk import Desk


def entries_halted_for_s(desk: Desk) -> float | None:
    """The lag, if it is longer than the Deployment allows."""
    said = desk.policy_set.deployment.on_ledger_outage
    if said is None or said.do == "go_on_locally":
        return None
    lag_s = desk.ledger_lag_s()
    return lag_s if lag_s > (said.after or 0) else None
