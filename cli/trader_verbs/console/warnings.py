"""What is tripped, firing, different or refused, as parts of a console's panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.console.panel import Cell, Part, Tone
from cli.trader_verbs.running.told import keyed
from cli.trader_verbs.shown import clock
from cli.trader_verbs.tightened_page import by_words, standing
from engine.cycle.records.telling import one_line

if TYPE_CHECKING:
    from engine.ledger.alerts import AlertKey, AlertState
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
    """Alerts that fire or are about to, firing ones that nobody has seen first."""
    heads = ("alert", "severity", "phase", "since", "says")
    found = sorted(status.state.alerts.items(), key=_unseen_first)
    rows = tuple(_alert(key, alert, status) for key, alert in found)
    return Part("alerts", "Alerts", heads, rows, "none fires", urgent=True)


def _unseen_first(each: tuple[AlertKey, AlertState]) -> tuple[bool, bool, AlertKey]:
    key, alert = each
    return not alert.fires, alert.acknowledged is not None, key


def _alert(key: AlertKey, alert: AlertState, status: Status) -> tuple[Cell, ...]:
    now = status.state.last_cycle
    silence = None if now is None else status.state.telling.silenced(key, now)
    told = [alert.phase]
    if alert.acknowledged is not None:
        told.append(f"seen by {alert.acknowledged.who}")
    elif alert.escalated:
        told.append("escalated")
    if silence is not None:
        told.append(f"silent until {clock(silence.until)}")
    calm = alert.acknowledged is not None or silence is not None
    tone = Tone.WARN if calm else _PHASES.get(alert.phase, Tone.PLAIN)
    return (
        Cell(keyed(*key)),
        Cell(alert.severity),
        Cell(", ".join(told), tone),
        Cell(clock(alert.since)),
        Cell(one_line(alert.text), Tone.QUIET),
    )


def messages(status: Status) -> Part:
    """Messages about alerts that nobody has yet: those that wait, and those that never arrived."""
    telling = status.state.telling
    heads = ("message", "route", "since", "what", "why")
    dead = [
        (
            Cell("never arrived", Tone.BAD),
            Cell(each.notice.route),
            Cell(clock(each.notice.time)),
            Cell(f"{keyed(each.notice.rule, each.notice.key)} {each.notice.news.value}"),
            Cell(f"{each.why} ({each.tries} tries)"),
        )
        for each in reversed(telling.dead)
    ]
    waiting = [
        (
            Cell("waits", Tone.WARN),
            Cell(each.route),
            Cell(clock(each.time)),
            Cell(f"{keyed(each.rule, each.key)} {each.news.value}"),
            Cell(""),
        )
        for each in telling.waiting.values()
    ]
    rows = (*dead, *waiting)
    none = "none waits or was lost"
    return Part("messages", "Messages about alerts", heads, rows, none, urgent=bool(dead))


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


def tightened(status: Status) -> Part:
    """Values that people made tighter, those in force first."""
    heads = ("number", "value", "how it stands", "who and why")
    rows = [
        (Cell(str(e.number)), Cell(e.wanted.words), Cell(words, Tone.WARN), Cell(by_words(e)))
        for e, words in standing(status)
    ]
    for refused in status.state.tightenings.refused:
        each, why = refused.ordered, "; ".join(refused.findings)
        says = Cell(f"REFUSED at {clock(refused.time)}", Tone.BAD)
        rows.append((Cell(str(each.number)), Cell(each.wanted.words), says, Cell(why)))
    return Part("tightened", "Tightened for a while", heads, tuple(rows), "nothing is tightened")


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
