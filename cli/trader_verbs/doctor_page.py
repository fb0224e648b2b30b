"""The doctor's answers as a page to read, and as one JSON object for programs.

In: checks. Out: text in sections; a section without an answer says so, since a missing line could
be taken for a missing question.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import orjson

from engine.run.doctor import Level, Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.policyset.policyset import PolicySet
    from engine.run.doctor import Check

VERSION = 2
_WIDTH = 80
_NEAREST = 10
_MARKS = {Level.FINE: "ok  ", Level.LOOK: "look", Level.BAD: "BAD "}
_TITLES = {
    Section.ARMED: "armed",
    Section.MISSING: "missing",
    Section.TRIPPED: "tripped",
    Section.HEADROOM: "headroom, the nearest first",
    Section.ROUTES: "routes of alerts",
    Section.WAIVERS: "waivers",
    Section.SURROUNDINGS: "around",
}
_ORDER = {Level.BAD: 0, Level.LOOK: 1, Level.FINE: 2}


def doctor_page(policy_set: PolicySet, checks: Sequence[Check]) -> str:
    """The whole page."""
    deployment = policy_set.deployment
    bad = sum(each.level is Level.BAD for each in checks)
    look = sum(each.level is Level.LOOK for each in checks)
    head = (
        f"{policy_set.name} {policy_set.hash}\n"
        f"{deployment.mode} at {deployment.venue}, stage {deployment.stage}: "
        f"{bad} to mend, {look} to look at\n"
    )
    parts = [head]
    for section, title in _TITLES.items():
        found = [each for each in checks if each.section is section]
        parts.append(f"\n{title}\n" + "".join(_lines(section, found)))
    return "".join(parts)


def doctor_json(policy_set: PolicySet, checks: Sequence[Check]) -> str:
    """One object; fields are added, never renamed, without a new `version`."""
    document = {
        "version": VERSION,
        "policy_set": policy_set.hash,
        "policy_set_name": policy_set.name,
        "fine": all(each.level is not Level.BAD for each in checks),
        **{
            section.value: [_record(each) for each in checks if each.section is section]
            for section in Section
        },
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def _record(check: Check) -> dict[str, object]:
    return {"level": check.level.value, "name": check.name, "says": check.says, **check.numbers}


def _lines(section: Section, found: Sequence[Check]) -> Iterator[str]:
    if not found:
        yield "  none\n"
    elif section is Section.ARMED:
        yield from _armed(found)
    elif section is Section.HEADROOM:
        yield from map(_line, found[:_NEAREST])
        if len(found) > _NEAREST:
            yield f"        and {len(found) - _NEAREST} with more room\n"
    else:
        yield from map(_line, sorted(found, key=lambda each: _ORDER[each.level]))


def _armed(found: Sequence[Check]) -> Iterator[str]:
    """The names by sort; what is only watching gets a line of its own."""
    for sort in dict.fromkeys(str(each.numbers["sort"]) for each in found):
        own = [each for each in found if each.numbers["sort"] == sort]
        fine = [each.name.partition("/")[2] for each in own if each.level is Level.FINE]
        names = _wrapped(", ".join(fine) or "none", f"  {sort} ({len(fine)})".ljust(16))
        yield from names
    yield from (_line(each) for each in found if each.level is not Level.FINE)


def _line(check: Check) -> str:
    return "".join(_wrapped(f"{check.name}: {check.says}", f"  {_MARKS[check.level]}  "))


def _wrapped(words: str, head: str) -> Iterator[str]:
    first, *others = wrap(words, _WIDTH - len(head), break_on_hyphens=False, break_long_words=False)
    yield f"{head}{first}\n"
    yield from (f"{' ' * len(head)}{line}\n" for line in others)
