"""What no reload may change: whose money it is, where, how real, and in what it is counted.

In: the set that runs and another one. Out: a finding (M780) for each of these that differs. They
are settled when a run begins: its ledger, its venue and its key belong to them, and its lease on a
shared ledger and the watchdog beside it were made for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.model.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.deployment.document import DeploymentSpec


def flips(running: DeploymentSpec, other: DeploymentSpec) -> Iterator[Diagnostic]:
    """One finding for each that differs."""
    for name, is_, would_be in _settled(running, other):
        if is_ != would_be:
            message = f"a running loop does not change its {name}, from `{is_}` to `{would_be}`"
            mend = "stop the run, and start another one under the new set"
            yield Diagnostic("M780", message, None, mend)


def _settled(running: DeploymentSpec, other: DeploymentSpec) -> Iterator[tuple[str, str, str]]:
    yield "mode", running.mode, other.mode
    yield "venue", running.venue, other.venue
    yield "account", running.account.name, other.account.name
    ours, theirs = running.account.portfolio_id, other.account.portfolio_id
    yield "portfolio", ours or "none", theirs or "none"
    yield "numeraire", running.numeraire, other.numeraire
    yield "lease", _said(running.lease), _said(other.lease)
    yield "watchdog's silence", _silence(running), _silence(other)


def _silence(deployment: DeploymentSpec) -> str:
    return _said(deployment.watchdog.silence if deployment.watchdog else None)


def _said(seconds: int | None) -> str:
    return "none" if seconds is None else duration_text(seconds)
