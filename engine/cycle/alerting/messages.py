"""What a person is told that is no alert: a value that changed for a while, a day's summary.

In: what it is about, words, routes. Out: a record, whose notices wait for their routes like those
of alerts. Nobody acknowledges a message, and none escalates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime


def tell(
    desk: Desk,
    now: UtcTime,
    about: str,
    text: str,
    to: Iterable[str],
    more: Body | None = None,
) -> None:
    """Record a message for these routes; `more` is what else its record says."""
    body: Body = {"about": about, "text": text, "severity": "info", "to": [*to], **(more or {})}
    if desk.posts:
        body["notice"] = desk.state.telling.next_notice
    desk.recorder.record(RecordKind.MESSAGE, now, body)
