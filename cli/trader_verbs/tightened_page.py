"""Values that people made tighter for a while, as rows, and for programs.

In: a `Status`. Out: what is in force and until when, what is still to be checked, and what came to
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.shown import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.ledger.bodies import Json
    from engine.ledger.tightenings import Tightening
    from engine.run.status import Status


def tightened_rows(status: Status) -> list[tuple[str, ...]]:
    """Each with its number, its value, how it stands, and who wants it why."""
    rows: list[tuple[str, ...]] = [
        (str(e.number), e.wanted.words, words, by_words(e)) for e, words in standing(status)
    ]
    for refused in status.state.tightenings.refused:
        each, at = refused.ordered, f"REFUSED at {clock(refused.time)}"
        rows.append((str(each.number), each.wanted.words, at, by_words(each)))
        rows += [("", found, "", "") for found in refused.findings]
    return rows


def standing(status: Status) -> Iterator[tuple[Tightening, str]]:
    """What is in force or to be, and how it stands in words."""
    own = status.state.tightenings
    for each in own.held:
        rests = "" if each.rests is None else f", rests: {each.rests}"
        yield each, f"until {clock(each.until)}{rests}"
    for each in own.asked.values():
        yield each, f"ordered at {clock(each.since)}: it is being checked"


def by_words(each: Tightening) -> str:
    """Who wants it, and why."""
    return f"{each.who}: {each.why}"


def tightened_json(status: Status) -> Json:
    """The same for programs."""
    own = status.state.tightenings
    return {
        "in_force": [*map(_fields, own.held)],
        "asked": [*map(_fields, own.asked.values())],
        "refused": [
            {**_fields(each.ordered), "time": str(each.time), "findings": [*each.findings]}
            for each in own.refused
        ],
    }


def _fields(each: Tightening) -> dict[str, Json]:
    return {
        "number": each.number,
        "document": each.wanted.document,
        "path": each.wanted.path,
        "value": each.wanted.value,
        "since": str(each.since),
        "until": str(each.until),
        "who": each.who,
        "why": each.why,
        "rests": each.rests,
    }
