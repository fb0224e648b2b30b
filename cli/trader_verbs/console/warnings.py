"""What is tripped, firing, different or refused, as parts of a console's panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.console.panel import Cell, Part, Tone
from cli.trader_verbs.running.told import keyed
from cli.trader_verbs.shown import clock
from engine.cycle.records.telling import one_line

if TYPE_CHECKING:
    from engine.ledger.alerts import AlertState
    from engine.ledger.state import Latch
    from engine.run.status import Status

_PHASES = {"firing": Tone.BAD, "pending": Tone.WARN}


def breakers(status: Status) -> Part:
    """Each tripped breaker, with when it lets go; and those that nobody can decide."""
    heads = ("breaker", "does", "since", "lets go", "because")
    tripped = [_latch(each) for each in status.state.latches.values()]
    doubtful = [
        (Cell(name), Cell("denies entries", Tone.WARN), Cell(""), Cell(""), Cell("undecided"))
        for name in status.undecided_breakers
    ]
    rows = (*tripped, *doubtful)
    return Part("breakers", "Tripped breakers", heads, rows, "none is tripped", urgent=True)


def _latch(latch: Latch) -> tuple[Cell, ...]:
    name = keyed(latch.breaker, latch.key)
    return (
        Cell(name),
        Cell(latch.while_tripped, Tone.BAD if latch.while_tripped == "halted" else Tone.WARN),
        Cell(clock(latch.tripped)),
        Cell(_release(latch, name)),
        Cell(one_line(latch.text), Tone.QUIET),
    )


def _release(latch: Latch, name: str) -> str:
    if latch.resets_at is not None:
        return f"at {clock(latch.resets_at)}"
    if latch.rearm_not_before is not None:
        return f"trader rearm {name}, from {clock(latch.rearm_not_before)} on"
    return "a person resets it"


def alerts(status: Status) -> Part:
    """Alerts that fire or are about to, firing ones first."""
    heads = ("alert", "phase", "since")
    found = sorted(status.state.alerts.items(), key=lambda each: (each[1].phase, each[0]))
    rows = tuple(_alert(name, key, alert) for (name, key), alert in found)
    return Part("alerts", "Alerts", heads, rows, "none fires", urgent=True)


def _alert(name: str, key: str, alert: AlertState) -> tuple[Cell, ...]:
    told = f"{alert.phase}, escalated" if alert.escalated else alert.phase
    tone = _PHASES.get(alert.phase, Tone.PLAIN)
    return Cell(keyed(name, key)), Cell(told, tone), Cell(clock(alert.since))


def differences(status: Status) -> Part:
    """What venue and ledger say differently."""
    rows = tuple(
        (Cell(name, Tone.BAD), Cell(words))
        for name, words in sorted(status.state.differences.items())
    )
    return Part(
        "differences",
        "Differs from the venue",
        ("what", "how"),
        rows,
        "venue and ledger agree",
        urgent=bool(rows),
    )


def reloads(status: Status) -> Part:
    """Another policy set that was ordered, or refused with all that was found."""
    reload = status.state.reload
    rows: list[tuple[Cell, ...]] = []
    if reload.asked is not None:
        rows.append((Cell("ordered", Tone.WARN), Cell(f"at {clock(reload.asked)} UTC")))
    if reload.refused is not None:
        since = f"at {clock(reload.refused.since)} UTC: {reload.refused.policy_set or 'no set'}"
        rows.append((Cell("REFUSED", Tone.BAD), Cell(since)))
        rows += [(Cell(""), Cell(each)) for each in reload.refused.findings]
    heads = ("what", "found")
    none = "none was ordered or refused"
    return Part("reload", "Another policy set", heads, tuple(rows), none, urgent=bool(rows))
