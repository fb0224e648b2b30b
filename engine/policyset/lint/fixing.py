"""Fixes: the mends of findings, made in the texts that they are about.

In: texts by the file name that places carry, and findings. Out: the texts that changed, with only
the stretches of the fixes replaced, so comments and layout stay. Refuses nothing: a fix whose
line no longer reads as it did, that overlaps another, or that is not safe, is left out.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.errors import Diagnostic, Fix

_CARRIAGE = re.compile("\r\n?")


def fixes(findings: Iterable[Diagnostic], *, safe_only: bool = True) -> tuple[Fix, ...]:
    """The fixes of some findings, in file order, each once, none overlapping an earlier one."""
    wanted = [each.fix for each in findings if each.fix is not None]
    taken: list[Fix] = []
    for fix in sorted(wanted, key=lambda each: (each.place, each.place.width, each.text)):
        if (fix.safe or not safe_only) and not (taken and _overlap(taken[-1], fix)):
            taken.append(fix)
    return tuple(taken)


def fixed(
    texts: Mapping[str, str], findings: Iterable[Diagnostic], *, safe_only: bool = True
) -> dict[str, str]:
    """The texts that the fixes change, by file; the same texts and findings give the same again.

    A file that is touched has LF line ends and no byte-order mark afterwards. One mistake may
    hide another, so a caller lints anew and repeats until no text changes.
    """
    changed: dict[str, str] = {}
    every = fixes(findings, safe_only=safe_only)
    for file, group in groupby(every, key=lambda each: each.place.file):
        before = texts.get(file)
        after = before if before is None else _mended(before, tuple(group))
        if after is not None and after != before:
            changed[file] = after
    return changed


def _overlap(first: Fix, second: Fix) -> bool:
    one, two = first.place, second.place
    same_line = (one.file, one.line) == (two.file, two.line)
    return same_line and two.column < one.column + max(1, one.width)


def _mended(text: str, wanted: Sequence[Fix]) -> str:
    lines: list[str | None] = [*_CARRIAGE.sub("\n", text.removeprefix("\ufeff")).split("\n")]
    read = tuple(lines)
    # From the end, so that a replacement does not move the places before it.
    for fix in reversed(wanted):
        row, start = fix.place.line - 1, fix.place.column - 1
        line = lines[row] if row < len(lines) else None
        if line is not None and read[row] == fix.place.source_line:
            new = line[:start] + fix.text + line[start + fix.place.width :]
            # What a fix leaves empty goes, line end and all.
            lines[row] = new if new.strip() or not line.strip() else None
    return "\n".join(line for line in lines if line is not None)
