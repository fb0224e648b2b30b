"""What measured bounds say while a waiver counts, beside what they say without it.

In: findings about the set without waivers, and those while one counts. Out: both as one. A bound
that binds under the waiver is not dead; an order that becomes impossible under it is a finding.
Each waiver is looked at alone: where two could give one number two values, the set does not load.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.errors import Diagnostic

_NEVER_BINDS = frozenset({"M347", "M350", "M351", "M352"})
_NEVER_PASSES = frozenset({"M343", "M348", "M353", "M354"})


def beside(
    found: Sequence[Diagnostic], waiver: str, while_it_counts: Sequence[Diagnostic]
) -> list[Diagnostic]:
    """What remains of `found`, and what only the waiver brings about."""
    without, with_it = ({_subject(each) for each in part} for part in (found, while_it_counts))
    kept = [e for e in found if e.code not in _NEVER_BINDS or _subject(e) in with_it]
    words = f"while the waiver `{waiver}` is in force: "
    new = [e for e in while_it_counts if e.code in _NEVER_PASSES and _subject(e) not in without]
    return [*kept, *(replace(each, message=words + each.message) for each in new)]


def _subject(finding: Diagnostic) -> tuple[object, ...]:
    """What a finding is about; its numbers may differ under the waiver."""
    return finding.code, finding.place, tuple(place for place, _ in finding.related)
