"""A stream: the ledger of one mode and account, verified and folded, held by one process.

In: settings, a policy set, a mode. Out: `Stream`, from the same steps for every run. Refuses
(MandateError) a second loop, a ledger that is not whole, and one of another stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.adapters.environment.policies import PolicyDirectory
from engine.adapters.postgres.address import driver_missing
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.fenced_disk import FencedDisk
from engine.adapters.system.lock import FileLock
from engine.cycle.judging.shadow import Shadow
from engine.cycle.policy_watch import PolicyWatch
from engine.cycle.records.recovery import recover
from engine.ledger import bodies
from engine.ledger.journal import Extent, Journal
from engine.policyset.ceilings import load_ceilings
from engine.policyset.opening import load_policy_set
from engine.provenance.watched import SignedPolicies
from engine.run.assembly.followed import check_sharing, followed_by, note
from engine.run.assembly.sources import check_sequence
from engine.run.ledgers import LOCK
from engine.run.refusals import check_stream
from engine.run.tightening import laid_again

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from engine.adapters.postgres.address import Address
    from engine.cycle.records.recovery import Recovered
    from engine.ledger.bodies import Body
    from engine.model.approvals import Approval
    from engine.model.orders import Mode
    from engine.policyset.ceilings import Ceilings
    from engine.policyset.policyset import PolicySet
    from engine.ports import Disk, PolicyFolder
    from engine.run.assembly.sharing import SharedLease
    from engine.run.assembly.sources import Sourced
    from engine.run.settings import RunSettings
    from engine.run.tightening import Laid

    Beside = Callable[[], Coroutine[object, object, None]]

WATCH_S = 60.0
"""How often the policy directory is compared with the set that runs."""


class Lease(Protocol):
    """The right to be the one loop of a stream."""

    @property
    def held(self) -> bool:
        """Whether it is ours at this moment; asked again right before each send."""
        ...

    def release(self) -> None:
        """Give it back; a second time does nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Stream:
    """What every run has, whatever its market: its rules, its ledger and its lease.

    `policy_set` is the set to begin with: the reviewed one, under the tightenings that were `laid`
    over it, if the ledger holds any.
    """

    settings: RunSettings
    policy_set: PolicySet
    mode: Mode
    lease: Lease
    disk: Disk
    journal: Journal
    genesis: Body | None
    recovered: Recovered
    watch: PolicyWatch
    ceilings: Ceilings | None
    shadow: Shadow | None
    shared: SharedLease | None = None
    approval: Approval | None = None
    laid: Laid | None = None

    @property
    def reviewed(self) -> PolicySet:
        """The set that people approved."""
        return self.policy_set if self.laid is None else self.laid.reviewed

    @property
    def beside(self) -> tuple[Beside, ...]:
        """What goes on beside a loop in real time."""
        if self.shared is None:
            return (self.watch.run,)
        return (self.watch.run, self.shared.watch)


def acquire_lock(ledger: Path) -> FileLock:
    """Be the one process that writes this ledger; raises LockHeld (M413) with the holder's name."""
    ledger.mkdir(parents=True, exist_ok=True)
    return FileLock.acquire(ledger / LOCK, SystemClock().now())


def opened(settings: RunSettings, source: Sourced, mode: Mode) -> Stream:
    """Lock the directory and open what lies there; the caller gives `lease` back."""
    lock = acquire_lock(settings.ledger)
    try:
        return open_stream(settings, source, mode, lock)
    except BaseException:
        lock.release()
        raise


def open_stream(settings: RunSettings, source: Sourced, mode: Mode, lock: FileLock) -> Stream:
    """Read what lies beside the set, verify the chain, fold it, and take the lease last."""
    reviewed = source.policy_set
    ceilings, shadow = _ceilings(settings), _shadow(settings, mode)
    disk = DirectoryDisk(settings.ledger)
    fence = FencedDisk(disk)
    journal = Journal.open(fence, extent=Extent.NEWEST_SEGMENT)
    genesis = next(journal.records(), None)
    recovered = recover(journal.records())
    check_stream(recovered.state, reviewed.deployment, mode)
    check_sequence(recovered.state, source)
    # Documents change in real time, whatever the pace of the market.
    folder = _folder(settings)
    watch = PolicyWatch(folder, reviewed.hash, SystemClock(), WATCH_S)
    address = settings.shared or followed_by(disk)
    shared = None
    if address is not None:
        shared = _shared(address, settings, reviewed, mode, journal, lock)
        fence.may_write = shared.may_write
        note(disk, address)
    laid = laid_again(reviewed, recovered.state, SystemClock().now())
    return Stream(
        settings=settings,
        policy_set=laid.policy_set,
        mode=mode,
        lease=shared or lock,
        disk=disk,
        journal=journal,
        genesis=None if genesis is None else bodies.of_record(genesis),
        recovered=recovered,
        watch=watch,
        ceilings=ceilings,
        approval=source.approval,
        shadow=shadow,
        shared=shared,
        laid=laid,
    )


def _folder(settings: RunSettings) -> PolicyFolder:
    """What is watched: where signatures are demanded, what is not signed is another set too."""
    if settings.trust is None:
        return PolicyDirectory(settings.policies)
    return SignedPolicies(settings.policies, settings.trust, SystemClock())


def _shared(
    address: Address,
    settings: RunSettings,
    policy_set: PolicySet,
    mode: Mode,
    journal: Journal,
    lock: FileLock,
) -> SharedLease:
    try:
        from engine.run.assembly.sharing import claim_of, share  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise driver_missing() from error
    deployment = policy_set.deployment
    lease_s = check_sharing(deployment)
    claim = claim_of(mode.value, deployment.account.name, lock)
    return share(address, claim, journal, lock, lease_s=lease_s, over=settings.take_over)


def _ceilings(settings: RunSettings) -> Ceilings | None:
    if settings.ceilings is None:
        return None
    return load_ceilings(settings.ceilings, settings.policies)


def _shadow(settings: RunSettings, mode: Mode) -> Shadow | None:
    if settings.shadow is None:
        return None
    return Shadow(load_policy_set(settings.shadow).required(), mode)
