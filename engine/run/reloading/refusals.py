"""What stands against a run that takes other sets by itself.

In: settings and the mode. Out: findings: commits that cannot be followed (M784), and unsigned sets
where money is real (M785). Whether sets are taken so is the host's to say, and no document's: a
set under review must not decide that it is taken without review.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.environment.revisions import commit_at
from engine.errors import Diagnostic
from engine.model.orders import Mode
from engine.run.settings import ReloadWhen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.run.settings import RunSettings


def reload_refusals(settings: RunSettings, mode: Mode) -> Iterator[Diagnostic]:
    """Everything that stands against `--reload committed`."""
    if settings.reload is not ReloadWhen.COMMITTED:
        return
    if not settings.real_time:
        message = "a recording has one set from its first cycle to its last"
        yield Diagnostic("M784", message, None, "leave `--reload` out, or `--quotes`")
    if settings.trust is not None:
        return  # a signature says what is whole, and that it was reviewed
    if commit_at(settings.policies) is None:
        message = f"`{settings.policies}` lies in no repository with a commit"
        mend = "commit the set, or order each reload: `trader reload`"
        yield Diagnostic("M784", message, None, mend)
    if mode is Mode.LIVE:
        message = "`--reload committed` would take sets that nobody has signed, for real money"
        mend = "order each reload: `trader reload`, or demand signatures: `--require-signed`"
        yield Diagnostic("M785", message, None, mend)
