"""Assembling a run: everything that can be refused is refused before the first record.

In: `RunSettings`. Out: `Session`. Refuses (MandateError) a set that does not load, a mode above
the Deployment's, a ledger of another stream, a second loop, and what this release cannot do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.policyset.opening import load_policy_set
from engine.run.assembly.recorded import RecordedRun
from engine.run.assembly.stream import acquire_lease, open_stream
from engine.run.refusals import allowed_mode, opened_recording

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet
    from engine.run.session import Session
    from engine.run.settings import RunSettings


def prepare(settings: RunSettings, policy_set: PolicySet | None = None) -> Session:
    """Everything short of running; `policy_set` is that of `settings`, if it is loaded already."""
    policy_set = policy_set or load_policy_set(settings.policies).required()
    mode = allowed_mode(settings, policy_set.deployment)
    recording = opened_recording(settings)
    lease = acquire_lease(settings.ledger)
    try:
        return RecordedRun(open_stream(settings, policy_set, mode, lease), recording).session()
    except BaseException:
        lease.release()
        raise
