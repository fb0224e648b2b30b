"""The verdict of a review: what a change does at worst, and who must agree to it."""

from __future__ import annotations

from enum import Enum

from cli.exit_codes import ExitCode


class Verdict(Enum):
    """From the best to the worst."""

    SAME = "SAME"
    NOT_LOOSER = "NOT LOOSER"
    UNKNOWN = "UNKNOWN"
    WEAKER = "WEAKER"
    LOOSER = "LOOSER"
    BROKEN = "BROKEN"

    @property
    def needs(self) -> str:
        """Who must agree, as the end of the first line."""
        match self:
            case Verdict.SAME:
                return "nothing that takes effect changes"
            case Verdict.NOT_LOOSER:
                return "1 approval"
            case Verdict.BROKEN:
                return "cannot be approved: a set does not load"
            case _:
                return "2 approvals, one of them for risk"

    @property
    def must_be_accepted(self) -> bool:
        """Whether the usual approval is not enough."""
        return self in (Verdict.UNKNOWN, Verdict.WEAKER, Verdict.LOOSER)

    def status(self, *, accepted: bool) -> ExitCode:
        """The exit status of the required check."""
        if self is Verdict.BROKEN:
            return ExitCode.FINDINGS
        if accepted or not self.must_be_accepted:
            return ExitCode.FINE
        return ExitCode.UNDECIDED if self is Verdict.UNKNOWN else ExitCode.FINDINGS


_RISING = tuple(Verdict)


def worst(verdicts: list[Verdict]) -> Verdict:
    """The worst of them; of none, nothing changes."""
    return max(verdicts, key=_RISING.index, default=Verdict.SAME)
