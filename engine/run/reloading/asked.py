"""What a reload asks of other parts of the engine: policy tests, and what a change does.

In: sets. Out: how many tests passed, or what failed; the verdicts of `policy diff`, UNKNOWN where
nobody could compare, and why. Both are imported when they are asked: a run that never takes
another set does without.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from engine.cycle.reloading.candidate import Compared
from engine.errors import MandateError
from engine.policyset.reading.files import TESTS
from engine.provenance.bundle import Bundle, read_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.errors import Diagnostic
    from engine.policyset.policyset import PolicySet

_UNKNOWN = "UNKNOWN"


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
        return Compared(_UNKNOWN, _UNKNOWN, "; ".join(each.message for each in error.diagnostics))
    why = "; ".join(found.open_permission)
    return Compared(found.permission.name, found.protection.name, why)


def policy_tests(policies: Path, other: PolicySet) -> Played:
    """Play the tests that lie beside the policies, or in their bundle; without any, all pass."""
    from engine.checks.running import run_policy_tests  # noqa: PLC0415 - see above

    with _unpacked(policies) as directory:
        report = run_policy_tests(other, directory)
    return Played(len(report.cases) or None, report.diagnostics)


@contextmanager
def _unpacked(policies: Path) -> Iterator[Path]:
    """The folder whose tests are meant: for a bundle one that is gone after the block."""
    if policies.is_dir():
        yield policies
        return
    with TemporaryDirectory(prefix="mandate-") as temporary:
        bundle = read_bundle(policies.read_bytes())
        for name, data in bundle.tests.items() if isinstance(bundle, Bundle) else ():
            file = Path(temporary) / TESTS / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        yield Path(temporary)
