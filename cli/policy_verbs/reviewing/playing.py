"""Playing: policy tests with their coverage, a simulation before and after, decisions that flip.

In: pairs of sets, recordings, a ledger. Out: one object for `play.json`. What a strategy brings
along runs here, so nothing of this bears on the verdict; that tests fail is a finding of its own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cli.policy_verbs.coverage_page import coverage_json
from cli.policy_verbs.rejudge import as_json as flips_json
from cli.policy_verbs.reviewing.pairs import file_from, from_top, place_from
from engine.checks.running import run_covered
from engine.errors import MandateError
from engine.policyset.reading.files import top_of
from engine.run.ledgers import LedgerView
from engine.run.rejudging import rejudged
from engine.run.simulating import opened, simulate
from engine.simulation.against import difference, difference_body
from engine.simulation.body import figures_body
from engine.simulation.figures import figures_of
from engine.simulation.terms import AS_RECORDED

if TYPE_CHECKING:
    from pathlib import Path

    from cli.policy_verbs.reviewing.pairs import Pair
    from engine.policyset.policyset import PolicySet

VERSION = 1
_MOST_ORDERS = 20


@dataclass(frozen=True, slots=True)
class Stage:
    """The proposed folder, recordings and the sets to simulate over them, a ledger."""

    head: Path
    quotes: tuple[Path, ...]
    simulated: tuple[str, ...]
    ledger: str | None


def play(found: list[Pair], stage: Stage) -> dict[str, object]:
    """Every set that changed, played."""
    changed = [each for each in found if each.changed and each.head is not None]
    return {"version": VERSION, "sets": [_of_pair(each, stage) for each in changed]}


def _of_pair(pair: Pair, stage: Stage) -> dict[str, object]:
    # INVARIANT: only sets that load are played.
    assert pair.head is not None  # noqa: S101 - narrows the type
    return {
        "set": pair.path,
        "tests": _tests(pair.head, stage.head / pair.path, top_of(stage.head)),
        "simulation": _simulated(pair, stage),
        "flips": _flips(pair.head, stage.ledger),
    }


def _tests(policy_set: PolicySet, folder: Path, top: Path) -> dict[str, object]:
    """Files are named as the repository names them, wherever a revision of it lies meanwhile."""
    report, covered = run_covered(policy_set, folder)
    rules = tuple(replace(each, place=place_from(each.place, top)) for each in covered.rules)
    return {
        "cases": len(report.cases),
        "failed": [replace(each, file=file_from(each.file, top)).id for each in report.failed],
        "findings": [str(from_top(each, top)) for each in report.findings],
        "passed": report.passed,
        "coverage": coverage_json(replace(covered, rules=rules)),
    }


def _simulated(pair: Pair, stage: Stage) -> dict[str, object] | None:
    """Figures before and after; a recording that a set cannot be run over says so."""
    if pair.path not in stage.simulated or pair.base is None or pair.head is None:
        return None
    try:
        market = opened(stage.quotes, AS_RECORDED)
        before, after = (simulate(each, market, AS_RECORDED) for each in (pair.base, pair.head))
    except MandateError as error:
        return {"why": str(error.diagnostics[0])}
    told = difference_body(difference(before, after))
    orders = told.pop("orders")
    return {
        "before": figures_body(figures_of(before)),
        "after": figures_body(figures_of(after)),
        "difference": told,
        "orders": orders[:_MOST_ORDERS] if isinstance(orders, list) else [],
        "cycles": after.cycles,
        "first": str(after.first),
        "last": str(after.last),
    }


def _flips(policy_set: PolicySet, ledger: str | None) -> dict[str, object] | None:
    if ledger is None:
        return None
    return flips_json(rejudged(policy_set, LedgerView.open(ledger), os.cpu_count() or 1))
