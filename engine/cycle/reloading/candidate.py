"""What the check of another set comes to, before anything has changed.

In: documents that were read, judged and compared, beside the loop. Out: a `Candidate` that can be
taken in one step, a `Refusal` with all findings, or `Unchanged`. Nothing here reads a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.ledger.bodies import approval_body

if TYPE_CHECKING:
    from engine.cycle.judge import Judge
    from engine.cycle.judging.programme import Programme
    from engine.errors import Diagnostic
    from engine.ledger.bodies import Body
    from engine.ledger.tightenings import Tightening
    from engine.model.approvals import Approval
    from engine.policyset.policyset import PolicySet

WATCH = "engine"
"""Who orders a reload when nobody does: the watch of a run that follows its commits."""
_UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Order:
    """Who asks for another set, and why; `named` is the hash that it must have, empty for any."""

    who: str
    why: str
    named: str = ""

    def body(self) -> Body:
        """As a record tells it."""
        return {"who": self.who, "why": self.why, "named": self.named or None}


@dataclass(frozen=True, slots=True)
class Compared:
    """What a change of sets does, in the words of `policy diff`; `why` where it is not known."""

    permission: str
    protection: str
    why: str = ""

    @classmethod
    def unknown(cls, why: str) -> Compared:
        """Nobody could compare."""
        return cls(_UNKNOWN, _UNKNOWN, why)

    def body(self) -> Body:
        """As a record tells it."""
        return {"permission": self.permission, "protection": self.protection, "why": self.why}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a set comes from: its commit, who approved it, its tests, and what it changes.

    `commit` is None for documents that are no commit's; `approval` where no signature was asked
    for; `tests` counts those that passed, None where the set brings none.
    """

    commit: str | None
    approval: Approval | None
    tests: int | None
    compared: Compared

    def body(self, before: str) -> Body:
        """What the record of an activation adds to the set itself."""
        return {
            "commit": self.commit,
            "signers": [],
            **approval_body(self.approval),
            "before": before,
            "tests": self.tests,
            "comparison": self.compared.body(),
        }


@dataclass(frozen=True, slots=True)
class Candidate:
    """A set that passed all checks, with everything made that its first cycle needs.

    `held` are the tightenings that it was made with: then `lies_over` is the set that people
    approved, and all the rest is of the set with them.
    """

    policy_set: PolicySet
    programme: Programme
    judge: Judge
    provenance: Provenance
    lies_over: PolicySet | None = None
    held: tuple[Tightening, ...] = ()

    @property
    def reviewed(self) -> PolicySet:
        """The set that people approved."""
        return self.lies_over or self.policy_set


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is taken; `policy_set` is the hash of what was found, None where it made none."""

    policy_set: str | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The documents make the set that runs."""


Outcome = Candidate | Refusal | Unchanged
