"""What happens to a venue by itself: money moves, products change, quotes are shown.

In: lines of JSON, each with `at_s` (seconds after the start) and one deed: `transfer`, `quote` or
`product`. Out: deeds at their time. Refuses lines that are none of these (M609), all at once.
The same deeds are what an operator's key may ask for over REST.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.errors import Diagnostic, MandateError, Place
from engine.venue.deeds import Deed, DeedRefusedError, deed_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from engine.venue.venue import Venue


@dataclass(frozen=True, slots=True)
class Step:
    """One deed, so many seconds after the start, and where it is written."""

    at_s: float
    deed: Deed
    place: Place


def script_in(data: bytes, file: Path) -> tuple[Step, ...]:
    """The steps of a script, in their order of time; raises `MandateError` (M609)."""
    lines = [(at, line) for at, line in enumerate(data.splitlines(), 1) if line.strip()]
    read = [_step(line, Place(str(file), at, 1)) for at, line in lines]
    wrong = [each for each in read if isinstance(each, Diagnostic)]
    if wrong:
        raise MandateError(wrong)
    steps = (each for each in read if isinstance(each, Step))
    return tuple(sorted(steps, key=lambda each: each.at_s))


def _step(line: bytes, place: Place) -> Step | Diagnostic:
    try:
        fields = wire.decode(line)
        at_s = float(wire.number(fields, "at_s"))
        kinds = [key for key in fields if key != "at_s"]
        if len(kinds) == 1 and at_s >= 0:
            return Step(at_s, deed_of(kinds[0], wire.part(fields, kinds[0])), place)
        return _no_step("a line has `at_s`, from 0, and one deed", place)
    except wire.WireError as error:
        return _no_step(str(error), place)


def _no_step(why: str, place: Place) -> Diagnostic:
    mend = 'write `{"at_s": 5, "transfer": {"currency": "USD", "units": "100"}}`'
    return Diagnostic("M609", f"no step of a script: {why}", place, mend)


async def play(venue: Venue, steps: Sequence[Step]) -> None:
    """Do every step at its time; raises `MandateError` (M609) for one that cannot be done."""
    begun = venue.clock.now()
    for step in steps:
        await venue.clock.sleep_until(begun.plus_s(step.at_s))
        try:
            step.deed.do(venue)
        except DeedRefusedError as error:
            raise MandateError([_no_step(str(error), step.place)]) from error
