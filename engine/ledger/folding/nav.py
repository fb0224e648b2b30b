"""Net asset value per unit: what the account is worth, apart from what was paid in or out.

In: the equity of each cycle, and cash flows in USD. Out: the marks that day, week and drawdown
are measured from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger.folding.windows import WEEK_S

if TYPE_CHECKING:
    from engine.ledger.state import State
    from engine.model.times import UtcTime

NAV_SAMPLE_S = 3600


def mark(state: State, time: UtcTime, equity: float) -> None:
    """Mark the account at the equity of one cycle."""
    nav = state.nav
    if nav.units == 0.0:
        # The first money, or money after all was withdrawn: the value goes on where it was.
        nav.units = equity / nav.latest
    value = equity / nav.units if nav.units else nav.latest
    if nav.day is None or time.day_start() > nav.day:
        nav.day_start = value if nav.day is None else nav.latest
        nav.day = time.day_start()
    nav.latest = value
    nav.high_water = max(nav.high_water, value)
    if not nav.samples or time.since_s(nav.samples[-1][0]) >= NAV_SAMPLE_S:
        nav.samples.append((time, value))
    # The newest sample at or before the window's edge stays: it is what the week is measured from.
    while len(nav.samples) > 1 and time.since_s(nav.samples[1][0]) >= WEEK_S:
        nav.samples.popleft()


def flow(state: State, value: float) -> None:
    """Change the units by `value` USD that came in or went out, so the value per unit stays."""
    # Before the first cycle there are no units: what flows then is what the account begins with.
    if state.nav.units and state.nav.latest:
        state.nav.units += value / state.nav.latest
