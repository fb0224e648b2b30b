"""Alerts as a person reads them: what stands and who has seen it, silences, what never arrived.

In: a `Status`. Out: rows of a page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.alerts_json import silence_of, silences_of
from cli.trader_verbs.running.told import keyed
from cli.trader_verbs.shown import clock

if TYPE_CHECKING:
    from engine.ledger.alerts import AlertKey, AlertState, Silence
    from engine.run.status import Status

_LETTERS_SHOWN = 5


def alert_rows(status: Status) -> list[tuple[str, ...]]:
    """Each alert that fires or may come to."""
    return [_alert(status, key, each) for key, each in sorted(status.state.alerts.items())]


def _alert(status: Status, key: AlertKey, alert: AlertState) -> tuple[str, ...]:
    return keyed(*key), standing_words(status, key, alert), f"since {clock(alert.since)}"


def standing_words(status: Status, key: AlertKey, alert: AlertState) -> str:
    """`firing, escalated, seen by ann`: all that a person asks before doing something."""
    silence = silence_of(status, key)
    words = [alert.phase]
    if alert.escalated:
        words.append("escalated")
    if alert.acknowledged is not None:
        words.append(f"seen by {alert.acknowledged.who}")
    if silence is not None:
        words.append(f"silenced ({silence.number}) until {clock(silence.until)}")
    return ", ".join(words)


def silence_rows(status: Status) -> list[tuple[str, ...]]:
    """Each silence that lasts, with who wants it and why."""
    return [_silence(each) for each in silences_of(status)]


def _silence(silence: Silence) -> tuple[str, ...]:
    name, until = keyed(silence.rule, silence.key), f"until {clock(silence.until)}"
    return str(silence.number), name, until, f"{silence.who}: {silence.why}"


def message_rows(status: Status) -> list[tuple[str, ...]]:
    """What waits to be delivered, and what never was; nothing where all arrived."""
    telling = status.state.telling
    rows: list[tuple[str, ...]] = []
    if telling.waiting:
        oldest = next(iter(telling.waiting.values()))
        since = f"the oldest since {clock(oldest.time)}, for {oldest.route}"
        rows.append(("waiting", f"{len(telling.waiting):,}", since))
    if telling.dead_count:
        rows.append(("NEVER DELIVERED", f"{telling.dead_count:,}", "the newest:"))
    for each in list(telling.dead)[-_LETTERS_SHOWN:]:
        told = f"{each.notice.name} {each.notice.news.value}, for {each.notice.route}"
        rows.append(("", f"at {clock(each.time)}", f"{told}: {each.why}"))
    return rows
