"""Mutants of a policy set and what its tests noticed, as a page and for programs.

In: a report. Out: the score, then each survivor with its proof, its test case, or what is open.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cli.trader_verbs.shown import counted
from engine.checks.mutation.scoring import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.checks.mutation.scoring import MutationReport, Survivor

VERSION = 1
_HEADS = {
    Verdict.GAP: "no test notices these; each comes with a case that would",
    Verdict.OPEN: "no test notices these, and nobody can say whether one could",
    Verdict.EQUIVALENT: "nothing could notice these: they are proved to answer alike",
}


def mutation_page(report: MutationReport) -> str:
    """The survivors by what is known of them, and the score at the end."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: MutationReport) -> Iterator[str]:
    for verdict, head in _HEADS.items():
        those = [each for each in report.survivors if each.verdict is verdict]
        if those:
            yield f"{head}: {len(those)}\n"
        for each in those:
            yield from _survivor(each)
        if those:
            yield ""
    yield (
        f"{report.policy_set}: {counted(report.mutants, 'mutant')}, {report.killed} noticed, "
        f"{report.equivalent} equivalent: {report.score_pct:.1f} %"
    )


def _survivor(each: Survivor) -> Iterator[str]:
    yield f"{each.place}: {each.words}"
    if each.verdict is Verdict.OPEN:
        yield f"  {each.told}"
    if each.verdict is Verdict.GAP:
        yield from (f"    {line}" for line in each.told.splitlines())


def mutation_json(report: MutationReport) -> str:
    """The same for programs."""
    document = {
        "version": VERSION,
        "policy_set": report.policy_set,
        "mutants": report.mutants,
        "killed": report.killed,
        "equivalent": report.equivalent,
        "score_pct": round(report.score_pct, 1),
        "survivors": [
            {
                "words": each.words,
                "file": each.place.file,
                "line": each.place.line,
                "verdict": each.verdict.value,
                "told": each.told,
            }
            for each in report.survivors
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
