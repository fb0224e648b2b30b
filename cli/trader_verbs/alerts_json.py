"""Alerts as programs read them: what stands, who has seen it, what is silenced, what never arrived.

In: a `Status`. Out: parts of its JSON object. Silences are as of the newest record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.ledger.alerts import Acknowledged, AlertKey, AlertState, DeadLetter, Silence
    from engine.ledger.bodies import Body, Json
    from engine.model.notices import Notice
    from engine.run.status import Status


def alerts_json(status: Status) -> Body:
    """The parts `alerts`, `silences`, `messages` and `routes`."""
    telling = status.state.telling
    standing = sorted(status.state.alerts.items())
    return {
        "alerts": [_alert(status, key, alert) for key, alert in standing],
        "silences": [silence_json(each) for each in silences_of(status)],
        "messages": {
            "waiting": [_notice(each) for each in telling.waiting.values()],
            "delivered": telling.delivered_count,
            "dead": telling.dead_count,
            "dead_letters": [_dead(each) for each in telling.dead],
        },
        "routes": {
            name: {"time": str(test.time), "answered": test.refused is None, "why": test.refused}
            for name, test in sorted(telling.tests.items())
        },
    }


def silences_of(status: Status) -> list[Silence]:
    """The silences that last, the oldest first."""
    last = status.last
    found = status.state.telling.silences.values()
    return [each for each in found if last is None or each.until > last.time]


def silence_of(status: Status, key: AlertKey) -> Silence | None:
    """The silence that covers an alert."""
    last = status.last
    return None if last is None else status.state.telling.silenced(key, last.time)


def silence_json(silence: Silence) -> Json:
    """One silence."""
    return {
        "silence": silence.number,
        "rule": silence.rule,
        "key": silence.key,
        "since": str(silence.since),
        "until": str(silence.until),
        "who": silence.who,
        "why": silence.why,
    }


def _alert(status: Status, key: AlertKey, alert: AlertState) -> Json:
    silence = silence_of(status, key)
    return {
        "rule": key[0],
        "key": key[1],
        "phase": alert.phase,
        "since": str(alert.since),
        "severity": alert.severity,
        "text": alert.text,
        "escalated": alert.escalated,
        "acknowledged": _acknowledged(alert.acknowledged),
        "silence": None if silence is None else silence.number,
    }


def _acknowledged(seen: Acknowledged | None) -> Json:
    return None if seen is None else {"time": str(seen.time), "who": seen.who, "why": seen.why}


def _notice(notice: Notice) -> Body:
    return {
        "notice": notice.number,
        "route": notice.route,
        "alert": notice.name,
        "news": notice.news.value,
        "severity": notice.severity,
        "time": str(notice.time),
    }


def _dead(letter: DeadLetter) -> Json:
    given_up: Body = {"given_up": str(letter.time), "tries": letter.tries, "why": letter.why}
    return _notice(letter.notice) | given_up
