"""`policy test --mutate`: what the tests of a set would not notice.

In: a set and its tests. Out: the score, and of each survivor a proof or a case to take. Exit
status 1 where a survivor is a gap or the tests themselves fail, 3 where only open ones are left.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cli.exit_codes import ExitCode
from cli.output.progress import bar_for
from cli.output.text import write_text
from cli.policy_verbs.mutation_page import mutation_json, mutation_page
from engine.checks.mutation.proof import Sameness
from engine.checks.mutation.scoring import Verdict, mutate
from engine.checks.running import no_tests
from engine.errors import MandateError

if TYPE_CHECKING:
    from pathlib import Path

    from engine.checks.mutation.proof import Prover
    from engine.checks.mutation.scoring import MutationReport
    from engine.policyset.policyset import PolicySet


def run_mutation(policy_set: PolicySet, where: Path, *, as_json: bool) -> ExitCode:
    """Try every mutant, and say what came of it."""
    bar = bar_for(sys.stderr, "mutants")

    def told(done: int, of: int) -> None:
        if done == 1:
            bar.begin(of)
        bar.advance()

    try:
        report = mutate(policy_set, where, prover_for(policy_set), told=told)
    finally:
        bar.close()
    if report.findings or report.failing:
        write_text(report.findings, sys.stderr)
        sys.stderr.write(f"policy test: {report.failing} tests fail, so nothing is measured\n")
        return ExitCode.FINDINGS
    if not report.cases:
        write_text((no_tests(where),), sys.stderr)
        return ExitCode.FINDINGS
    sys.stdout.write(mutation_json(report) if as_json else mutation_page(report))
    return _status(report)


def _status(report: MutationReport) -> ExitCode:
    verdicts = {each.verdict for each in report.survivors}
    if Verdict.GAP in verdicts:
        return ExitCode.FINDINGS
    return ExitCode.UNDECIDED if Verdict.OPEN in verdicts else ExitCode.FINE


def prover_for(policy_set: PolicySet) -> Prover | None:
    """The solver's word on a changed set; None where no solver is installed."""
    from engine.comparison.proving import equivalence  # noqa: PLC0415 - only survivors need proofs

    original = equivalence.Original(policy_set)

    def prove(changed: PolicySet) -> Sameness:
        try:
            found = original.against(changed)
        except MandateError as error:
            return Sameness(proved=False, open_=tuple(each.message for each in error.diagnostics))
        difference = found.difference
        if difference is None:
            proved = found.sameness is equivalence.Sameness.PROVED
            return Sameness(proved=proved, open_=found.open_)
        intent = None if difference.intent is None else difference.intent.value
        return Sameness(
            proved=False,
            rule=difference.rule,
            intent=intent,
            facts=difference.state.facts,
            answer=difference.base,
        )

    return prove
