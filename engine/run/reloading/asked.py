"""What a reload asks of other parts of the engine: policy tests, and what a change does.

In: sets. Out: how many tests passed, or what failed; the verdicts of `policy diff`, UNKNOWN where
nobody could compare, and why. Both are imported when they are asked: a run that never takes
another set does without.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.environment.bundles import laid_out, read_bounded
from engine.cycle.reloading.candidate import Compared
from engine.errors import MandateError
from engine.policyset.reading.files import TESTS
from engine.provenance.archive import MAX_BYTES
from engine.provenance.bundle import Bundle, read_bundle

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from engine.errors import Diagnostic
    from engine.policyset.policyset import PolicySet


@dataclass(frozen=True, slots=True)
class Played:
    """How the tests of a set came out; `cases` is None where it brings none."""

    cases: int | None
    findings: tuple[Diagnostic, ...] = ()


def compared(running: PolicySet, other: PolicySet) -> Compared:
    """What the change does to what may be done, and to how one is protected.

    It decides nothing here: whoever ordered the set has reviewed it, and the record keeps what it
    changed. So a missing solver is no reason to refuse.
    """
    from engine.comparison.comparing import compare  # noqa: PLC0415 - see above

    try:
        found = compare(running, other)
    except MandateError as error:
        return Compared.unknown("; ".join(each.message for each in error.diagnostics))
    why = "; ".join(found.open_permission)
    return Compared(found.permission.name, found.protection.name, why)


def policy_tests(policies: Path, other: PolicySet) -> Played:
    """Play the tests that lie beside the policies, or in their bundle; without any, all pass."""
    from engine.checks.running import run_policy_tests  # noqa: PLC0415 - see above

    with nullcontext(policies) if policies.is_dir() else _unpacked(policies) as directory:
        report = run_policy_tests(other, directory)
    return Played(len(report.cases) or None, report.diagnostics)


def _unpacked(policies: Path) -> AbstractContextManager[Path]:
    """A folder with the tests of a bundle, whose signatures were looked at before."""
    data = read_bounded(policies, MAX_BYTES)
    bundle = data if isinstance(data, OSError) else read_bundle(data)
    return laid_out(bundle.tests if isinstance(bundle, Bundle) else {}, TESTS)
