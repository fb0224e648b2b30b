"""From a trader's status to the panel of a console.

In: a `Status`, what time it is, how long nothing was written. Out: `Panel`. What is wrong comes
first; a part without rows says so in a word, since a missing line could be a missing answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.console.holdings import liquidating, orders, positions
from cli.trader_verbs.console.panel import HALTED, Bar, Bars, Cell, Figure, Panel, Tone
from cli.trader_verbs.console.reasons import decisions, hindrances
from cli.trader_verbs.console.warnings import (
    alerts,
    breakers,
    differences,
    messages,
    reloads,
    tightened,
)
from cli.trader_verbs.shown import UNKNOWN, clock, held_by, lasting, money, percent, signed
from engine.model.orders import OrderStatus
from engine.run.nearness import nearest_breakers, nearest_limits

if TYPE_CHECKING:
    from engine.model.times import UtcTime
    from engine.run.nearness import Near
    from engine.run.status import Status

_PCT = 100
_EDGE_PCT = 100.0
_LATELY_S = 86_400
_SILENT_INTERVALS = 3
_STATES = {"ACTIVE": Tone.GOOD, "REDUCING": Tone.WARN}


def panel_of(status: Status, now: UtcTime, quiet_s: float = 0.0) -> Panel:
    """The whole panel; `quiet_s` is since when whoever asks has seen no new record."""
    state, named = status.state, status.named
    word, says = _state(status)
    return Panel(
        stream=f"{state.mode or 'no mode'}, account {state.account or 'unknown'}",
        state=Cell(word, _STATES.get(word, Tone.BAD)),
        says=says,
        policy_set=named.name if named else "none",
        hash=named.hash if named else "",
        last_cycle=_last_cycle(status, now, quiet_s),
        run_by=_run_by(status),
        figures=_figures(status),
        bars=(
            _bars("stops", "Used of what trips a breaker", nearest_breakers(status)),
            _bars("limits", "Used of each limit, when last asked", nearest_limits(status)),
        ),
        parts=(
            reloads(status),
            tightened(status),
            breakers(status),
            alerts(status),
            messages(status),
            differences(status),
            orders(status),
            positions(status),
            liquidating(status),
            decisions(status),
            hindrances(status),
        ),
    )


def _state(status: Status) -> tuple[str, str]:
    """The state in a word, and in a sentence why."""
    if status.killed is not None:
        return HALTED, f"kill switch: {status.killed}"
    if status.state.halted is not None:
        return HALTED, status.state.halted
    latches = [name for name, _ in status.state.latches]
    why = f"tripped: {', '.join(dict.fromkeys(latches))}" if latches else ""
    says = {"ACTIVE": "takes new risk", "REDUCING": "takes no new risk"}.get(status.trading, "")
    return status.trading, "; ".join(filter(None, (says, why)))


def _last_cycle(status: Status, now: UtcTime, quiet_s: float) -> Cell:
    state = status.state
    if state.last_cycle is None:
        return Cell("no cycle has ended yet", Tone.QUIET)
    # Over a recording the ledger's time is another than the reader's.
    age_s = now.since_s(state.last_cycle)
    ago = f", {lasting(age_s)} ago" if 0 <= age_s < _LATELY_S else ""
    told = f"{state.cycle:,} at {clock(state.last_cycle)} UTC{ago}"
    if status.holder is not None and quiet_s > _patience_s(status):
        return Cell(f"{told}; nothing new for {lasting(quiet_s)}: does it hang?", Tone.BAD)
    return Cell(told)


def _patience_s(status: Status) -> float:
    """A loop that skips so many cycles is not about to come back by itself."""
    policy_set = status.named.policy_set if status.named else None
    longest = _LATELY_S if policy_set is None else policy_set.schedule.back_off.max_interval
    return _SILENT_INTERVALS * longest


def _run_by(status: Status) -> Cell:
    if status.holder is None:
        return Cell("nobody runs it now", Tone.WARN)
    return Cell(held_by(status.holder))


def _figures(status: Status) -> tuple[Figure, ...]:
    state, nav = status.state, status.state.nav
    # Before the first mark there is no result, and none is invented.
    marked = status.equity is not None
    in_all = _PCT * (nav.latest - 1) if marked else None
    day = _PCT * (nav.latest / nav.day_start - 1) if marked else None
    drawdown = _PCT * (1 - nav.latest / nav.high_water)
    unknown = sum(order.status is OrderStatus.UNKNOWN for order in state.working.values())
    firing = sum(alert.phase == "firing" for alert in state.alerts.values())
    return (
        Figure("equity", money(status.equity), f"{percent(in_all)} in all"),
        Figure("today", percent(day), "since 0:00 UTC", _sign(day)),
        Figure("drawdown", f"{drawdown:.2f} %" if marked else UNKNOWN, "below the peak"),
        Figure("realised", signed(state.realised), f"fees {money(state.fees)}"),
        _count("position", len(state.positions), f"regime {status.regime}"),
        _count("working order", len(state.working), f"{state.orders_sent:,} sent"),
        _count("unknown order", unknown, "count in full" if unknown else "", Tone.BAD),
        _count("firing alert", firing, "", Tone.WARN),
    )


def _count(noun: str, count: int, note: str, tone: Tone = Tone.PLAIN) -> Figure:
    label = noun if count == 1 else f"{noun}s"
    return Figure(label, f"{count:,}", note, tone if count else Tone.PLAIN)


def _sign(value: float | None) -> Tone:
    if not value:
        return Tone.PLAIN
    return Tone.BAD if value < 0 else Tone.GOOD


def _bars(key: str, title: str, found: list[Near]) -> Bars:
    return Bars(key, title, tuple(map(_bar, found)), "nothing that can be measured yet")


def _bar(near: Near) -> Bar:
    about = "" if near.asked is None else f", {near.asked.symbol} at {clock(near.asked.time)}"
    over = near.used_pct > _EDGE_PCT
    tone = Tone.BAD if over else Tone.WARN if near.near else Tone.PLAIN
    return Bar(near.name, near.used_pct, f"{near.says}{about}", tone)
