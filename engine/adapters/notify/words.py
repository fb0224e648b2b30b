"""A message in words: what is read on a telephone at night.

In: notices, who tells, how many lines a message may have. Out: a subject that says the worst of
it, and a body with a line an alert. What is not written out is counted, never left out in silence.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from engine.model.notices import News
from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.notices import Notice, Sender

SEVERITIES = ("critical", "warning", "info")
_ORDER = (
    News.ASKED,
    News.ESCALATED,
    News.FIRING,
    News.TEST,
    News.TOLD,
    News.EXECUTED,
    News.RESOLVED,
)


def subject(notices: Sequence[Notice], sender: Sender) -> str:
    """`[critical] daily_stop_hit firing - main, live`."""
    where = f"{sender.account}, {sender.mode}"
    if len(notices) == 1:
        only = notices[0]
        if only.news is News.TOLD:
            return f"{only.name} - {where}"
        return f"[{only.severity}] {only.name} {only.news.value} - {where}"
    counted = Counter(each.news for each in notices)
    told = ", ".join(f"{counted[each]:,} {each.value}" for each in _ORDER if counted[each])
    return f"[{_worst(notices)}] {told} - {where}"


def body(
    notices: Sequence[Notice], sender: Sender, most_lines: int, links: Sequence[str] = ()
) -> str:
    """The alerts, what fires and weighs most first; then the set, and what to do."""
    ranked = sorted(notices, key=_rank)
    lines = [_line(each) for each in ranked[:most_lines]]
    left = len(ranked) - len(lines)
    if left:
        lines.append(f"and {left:,} more: `trader status` has them all")
    lines.append(f"policy set {sender.policy_set_name} {sender.policy_set}")
    fires = [each for each in ranked if each.news in {News.FIRING, News.ESCALATED}]
    if fires:
        lines.append(f"seen it: `trader ack {fires[0].name if len(fires) == 1 else '--all'}`")
    return "\n".join([*lines, *links])


def _line(notice: Notice) -> str:
    if notice.news is News.TOLD:
        return notice.text
    head = f"{notice.severity.upper()} {notice.name} {notice.news.value}"
    return f"{head}, since {_second(notice.since)}: {notice.text}"


def _second(time: UtcTime) -> str:
    """To the second, which is as exact as a person at night reads."""
    return str(UtcTime(time.ns - time.ns % NS_PER_S))


def _rank(notice: Notice) -> tuple[int, int, int]:
    return _ORDER.index(notice.news), _weight(notice), notice.number


def _worst(notices: Sequence[Notice]) -> str:
    open_ones = [each for each in notices if not each.news.over]
    return min(open_ones or notices, key=_weight).severity


def _weight(notice: Notice) -> int:
    """A severity of another release weighs most: nobody knows how little it may mean."""
    return SEVERITIES.index(notice.severity) if notice.severity in SEVERITIES else -1
