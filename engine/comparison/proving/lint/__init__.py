"""What only a proof can say of one policy set: `policy lint --prove`.

In: a policy set. Out: findings, each with a state that the reference interpreter confirmed, or by
a proof that there is none. What the solver could not answer is M748, and never passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.comparison.proving.lint import bands, dead, exits, never, sizes
from engine.errors import in_file_order

if TYPE_CHECKING:
    from engine.errors import Diagnostic
    from engine.policyset.policyset import PolicySet

_CHECKS = (dead.check, bands.check, exits.check, sizes.check, never.check)


def prove(policy_set: PolicySet) -> tuple[Diagnostic, ...]:
    """Every finding; raises MandateError (M700) where no solver is installed."""
    return in_file_order(each for check in _CHECKS for each in check(policy_set))
