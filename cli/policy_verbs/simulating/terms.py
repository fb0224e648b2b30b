"""The terms of a simulation from the words of the command line.

In: options as typed. Out: `Terms`. Refuses (M806) what is no instant, and a depth without a spread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.spread import spread_model
from engine.simulation.terms import Terms, instant

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.orders import Mode


def terms_of(  # noqa: PLR0913 - the options that make the terms
    *,
    since: str | None,
    until: str | None,
    equity: Decimal | None,
    mode: Mode | None,
    latency: float,
    stress: int,
    spread_bps: Decimal | None,
    depth: Decimal | None,
) -> Terms:
    """The terms; whether they make sense is asked where they are used."""
    return Terms(
        mode=mode,
        equity=equity,
        since=None if since is None else instant("--from", since),
        until=None if until is None else instant("--to", until),
        derive=spread_model(spread_bps, depth),
        stress=stress,
        latency_s=latency,
    )
