"""A day in few lines, for a telephone: what it came to, what it did, and what asks for a look.

In: a `Day`. Out: text of a dozen lines at most. What happened more often than it is named is
counted, and a line that has nothing to say is left out, except for the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from engine.reporting.day import Day

_NAMED = 5


def summary_lines(day: Day) -> tuple[str, ...]:
    """The day, what it came to first."""
    return tuple(_lines(day))


def _lines(day: Day) -> Iterator[str]:
    yield f"{_minute(str(day.begins))} to {_minute(str(day.ends))} UTC"
    yield f"result {day.result_pct:+.2f} %{_equity(day.first_equity, day.last_equity)}"
    if day.fills:
        yield f"realised {day.realised:+,.2f}, fees {day.fees:,.2f}, {_count(day.fills, 'fill')}"
    yield _cycles(day)
    decided = ", ".join(f"{count:,} {name}" for name, count in sorted(day.verdicts.items()))
    if decided:
        yield f"decisions: {decided}{_refused(day)}"
    yield from (f"{what}: {count:,}" for what, count in sorted(day.happened.items()))
    yield from _listed("tripped", day.tripped)
    yield from _listed("alerts", day.fired)
    yield from _listed("by hand", [f"{verb} {words}" for verb, words in day.commands])
    yield from _listed("policy sets", day.sets)
    yield f"held: {', '.join(day.held) or 'nothing'}"
    if day.unknown:
        yield f"OF UNKNOWN FATE: {_count(day.unknown, 'order')}"


def _equity(first: Decimal | None, last: Decimal | None) -> str:
    return "" if first is None or last is None else f", equity {first:,.2f} to {last:,.2f}"


def _cycles(day: Day) -> str:
    states = ", ".join(f"{count:,} {state}" for state, count in day.states.most_common())
    return f"{_count(day.cycles, 'cycle')}{f': {states}' if states else ': nobody ran'}"


def _refused(day: Day) -> str:
    most = ", ".join(f"{name} {count:,}" for name, count in day.refusals.most_common(_NAMED))
    return f"; refused by {most}" if most else ""


def _listed(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        counted = [f"{name} {names.count(name)}x" for name in dict.fromkeys(names)]
        single = [each.removesuffix(" 1x") for each in counted]
        more = f" and {len(single) - _NAMED} more" if len(single) > _NAMED else ""
        yield f"{what}: {', '.join(single[:_NAMED])}{more}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _minute(time: str) -> str:
    return time[:16].replace("T", " ")
