"""Judging: what a change allows and how it protects, set by set; nothing proposed is run.

In: pairs of sets, and perhaps what a trader holds. Out: one object for `judge.json`, and findings
for annotations and SARIF. This alone makes the verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.policy_verbs.diff_told import as_json
from cli.policy_verbs.reviewing.pairs import from_top
from cli.policy_verbs.reviewing.verdicts import Verdict, worst
from engine.comparison.activating.activation import activation
from engine.comparison.comparing import Protection, compare
from engine.comparison.findings import findings_of
from engine.comparison.proving.permission import Permission
from engine.errors import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from cli.policy_verbs.reviewing.pairs import Pair
    from engine.comparison.activating.standing import Standing
    from engine.comparison.comparing import Comparison
    from engine.errors import Diagnostic

VERSION = 1


def judge(
    found: list[Pair], standing: Standing | None, top: Path
) -> tuple[dict[str, object], list[Diagnostic]]:
    """The judgement of all sets, and every finding once."""
    sets, verdicts = [], []
    findings = {each: None for pair in found for each in pair.findings}
    for pair in found:
        told, verdict, more = _of_pair(pair, standing)
        sets.append({**told, "verdict": verdict.value})
        verdicts.append(verdict)
        findings |= dict.fromkeys(from_top(each, top) for each in more)
    errors = sum(each.severity is Severity.ERROR for pair in found for each in pair.findings)
    judged: dict[str, object] = {
        "version": VERSION,
        "verdict": worst(verdicts).value,
        "errors": errors,
        "findings": len(findings),
        "sets": sets,
    }
    return judged, list(findings)


def _of_pair(
    pair: Pair, standing: Standing | None
) -> tuple[dict[str, object], Verdict, list[Diagnostic]]:
    told: dict[str, object] = {
        "set": pair.path,
        "base": None if pair.base is None else pair.base.hash,
        "head": None if pair.head is None else pair.head.hash,
        "why": "",
        "diff": None,
    }
    if pair.head is None or pair.base is None:
        verdict, why = _incomplete(pair)
        return {**told, "why": why}, verdict, []
    if not pair.changed:
        return told, Verdict.SAME, []
    compared = compare(pair.base, pair.head)
    acts = None if standing is None else activation(standing, pair.head)
    told["diff"] = as_json(compared, acts)
    return told, _verdict(compared), list(findings_of(compared, acts, pair.head))


def _incomplete(pair: Pair) -> tuple[Verdict, str]:
    if pair.is_there and pair.head is None:
        return Verdict.BROKEN, "it does not load: see the findings"
    if not pair.is_there:
        return Verdict.UNKNOWN, "it is taken away: whatever ran by it has no set"
    if not pair.was_there:
        return Verdict.UNKNOWN, "it is new: there is nothing to compare it with"
    return Verdict.UNKNOWN, "the base does not load: there is nothing to compare it with"


def _verdict(found: Comparison) -> Verdict:
    if found.permission is Permission.LOOSER:
        return Verdict.LOOSER
    if found.protection is Protection.WEAKER:
        return Verdict.WEAKER
    if found.permission is Permission.UNKNOWN or found.protection is Protection.UNKNOWN:
        return Verdict.UNKNOWN
    return Verdict.NOT_LOOSER
