"""Mending a set: safe fixes made again and again until none is left, in drafts and not on disk.

In: a directory, what finds its faults, and the files that may change. Out: `Mended`: the drafts,
each fix that was made, and the findings that are left. Refuses files outside of those, and says
so: what a set takes over from its base belongs to other sets too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.policyset.lint.fixing import fixed, fixes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.errors import Diagnostic
    from engine.policyset.policyset import PolicySet

    Inspection = tuple[PolicySet | None, tuple[Diagnostic, ...]]

# One mistake may hide another; a set that needs more rounds than this is not mended by a program.
MAX_ROUNDS = 20
_SPELLING = "M1"


@dataclass(frozen=True, slots=True)
class Made:
    """One fix: its finding, what stood there, and what stands there instead.

    `spelling` says that the value is the same as a reader would have taken it for; else the
    document did not say anything that could be understood, and says this from here on.
    """

    finding: Diagnostic
    old: str
    new: str
    spelling: bool


@dataclass(frozen=True, slots=True)
class Mended:
    """What came of it; `before` is the set as it was, where it was one."""

    before: PolicySet | None
    after: PolicySet | None
    findings: tuple[Diagnostic, ...]
    made: tuple[Made, ...]
    foreign: tuple[Diagnostic, ...]
    texts: Mapping[Path, tuple[str, str]]


@dataclass(slots=True)
class _Bench:
    """The drafts in the making."""

    own: frozenset[Path]
    originals: dict[Path, str] = field(default_factory=dict)
    drafts: dict[Path, str] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)

    def round(self, findings: tuple[Diagnostic, ...]) -> bool:
        """Make the safe fixes of these findings; whether any text changed."""
        texts = {each.place.file: self._text(each.place.file) for each in fixes(findings)}
        known = {file: text for file, text in texts.items() if text is not None}
        changed = fixed(known, findings)
        for file, text in changed.items():
            self.drafts[Path(file).resolve()] = text
        self.made += [_made(each) for each in _first_of_each(findings) if _file(each) in changed]
        return bool(changed)

    def _text(self, file: str) -> str | None:
        path = Path(file).resolve()
        if path not in self.own:
            return None
        if path not in self.drafts:
            self.originals[path] = self.drafts[path] = path.read_bytes().decode("utf-8")
        return self.drafts[path]


def mend(own: frozenset[Path], inspect: Callable[[Mapping[Path, bytes]], Inspection]) -> Mended:
    """Make every safe fix in the files `own` (resolved); `inspect` finds faults in drafts."""
    bench = _Bench(own)
    before, findings = after, _ = inspect({})
    for _round in range(MAX_ROUNDS):
        if not bench.round(findings):
            break
        after, findings = inspect({path: text.encode() for path, text in bench.drafts.items()})
    texts = {p: (old, bench.drafts[p]) for p, old in bench.originals.items()}
    return Mended(
        before,
        after,
        findings,
        tuple(bench.made),
        tuple(each for each in _first_of_each(findings) if Path(_file(each)).resolve() not in own),
        {path: pair for path, pair in texts.items() if pair[0] != pair[1]},
    )


def _first_of_each(findings: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    """The findings whose fixes are made: one for each place."""
    wanted = list(fixes(findings))
    first: list[Diagnostic] = []
    for finding in findings:
        if finding.fix in wanted:
            wanted.remove(finding.fix)
            first.append(finding)
    return first


def _file(finding: Diagnostic) -> str:
    return finding.fix.place.file if finding.fix else ""


def _made(finding: Diagnostic) -> Made:
    # INVARIANT: only findings with a fix come here.
    if finding.fix is None:
        raise ValueError(finding.code)
    place = finding.fix.place
    old = place.source_line[place.column - 1 : place.column - 1 + place.width]
    return Made(finding, old, finding.fix.text, finding.code.startswith(_SPELLING))
