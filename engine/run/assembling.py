"""Assembling a run: everything that can be refused is refused before the first record.

In: `RunSettings`. Out: `Session`. Refuses (MandateError) a set that does not load, a mode above
the Deployment's, a ledger of another stream, a second loop, a market that is not there, and
options that do not go together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import MandateError
from engine.run.assembly.followed import check_sharing
from engine.run.assembly.recorded import RecordedRun
from engine.run.assembly.sources import Sourced, sourced
from engine.run.assembly.stream import opened
from engine.run.real_time.keys import extra_missing
from engine.run.refusals import asked_mode, check_origin, mode_refusals, opened_recording
from engine.run.reloading.refusals import reload_refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.errors import Diagnostic
    from engine.model.orders import Mode
    from engine.policyset.policyset import PolicySet
    from engine.run.assembly.stream import Stream
    from engine.run.session import Session
    from engine.run.settings import RunSettings

    Assembly = Callable[[Stream], Session]


def prepare(settings: RunSettings, policy_set: PolicySet | None = None) -> Session:
    """Everything short of running; `policy_set` is that of `settings`, if it is loaded already.

    Where signatures are demanded it is not believed: the set is verified here.
    """
    if policy_set is None or settings.trust is not None:
        return assembled(settings, sourced(settings.policies, settings.trust))
    return assembled(settings, Sourced(policy_set))


def assembled(settings: RunSettings, source: Sourced) -> Session:
    """Everything short of running a set that was read, and verified where that is demanded."""
    policy_set = source.policy_set
    mode = asked_mode(settings, policy_set.deployment)
    if settings.shared is not None:
        check_sharing(policy_set.deployment)
    refused = [*mode_refusals(settings, policy_set.deployment, mode)]
    refused += reload_refusals(settings, mode)
    assembly = _assembly(settings, mode, refused)
    if refused or assembly is None:
        raise MandateError(refused)
    stream = opened(settings, source, mode)
    try:
        check_origin(stream.genesis, settings)
        return assembly(stream)
    except BaseException:
        stream.lease.release()
        raise


def _assembly(settings: RunSettings, mode: Mode, refused: list[Diagnostic]) -> Assembly | None:
    """What is put together next; what stands against it joins what was found before."""
    try:
        if settings.real_time:
            return _real_time(settings, mode)
        # A recording takes its time to open: not for a run that is refused already.
        return None if refused else _recorded(settings)
    except MandateError as error:
        refused += error.diagnostics
        return None


def _recorded(settings: RunSettings) -> Assembly:
    recording = opened_recording(settings)
    return lambda stream: RecordedRun(stream, recording).session()


def _real_time(settings: RunSettings, mode: Mode) -> Assembly:
    # What speaks to a venue takes longer to import than a short recording takes to run.
    try:
        from engine.run.real_time.approach import approach_of  # noqa: PLC0415 - see above
        from engine.run.real_time.run import RealTimeRun  # noqa: PLC0415 - see above

        approach = approach_of(settings, mode)
    except ModuleNotFoundError as error:
        raise MandateError([extra_missing(error)]) from error
    return lambda stream: RealTimeRun(stream, approach).session()
