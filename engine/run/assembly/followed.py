"""Which shared ledger follows a journal: noted beside it, so that nobody has to say it again.

In: a journal's directory. Out: the address that was noted there. Whoever opens the directory alone
afterwards, a run or a hand, ships to the same server and needs the same lease: else two machines
could each think that the account is theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.postgres.address import parse_address
from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from engine.adapters.postgres.address import Address
    from engine.kinds.deployment.document import DeploymentSpec
    from engine.ports import Disk

SHARED = "SHARED"


def followed_by(disk: Disk) -> Address | None:
    """The address noted in this directory; None where its journal is nobody else's to follow."""
    try:
        return parse_address(disk.read(SHARED).decode("utf-8", "replace").strip())
    except FileNotFoundError:
        return None


def note(disk: Disk, address: Address) -> None:
    """Note it, durably; an address holds no secret."""
    if followed_by(disk) != address:
        disk.replace(SHARED, f"{address}\n".encode())


def check_sharing(deployment: DeploymentSpec) -> float:
    """The seconds of its lease: a ledger is shared only where a reviewed document says how (M475).

    Raises MandateError with everything that the document does not say.
    """
    found = []
    if deployment.on_ledger_outage is None:
        message = "the Deployment does not say what an outage of the shared ledger means"
        mend = "add `on_ledger_outage: {do: halt_entries, after: 10s}`, or `{do: go_on_locally}`"
        found.append(Diagnostic("M475", message, None, mend))
    if deployment.lease is None:
        message = "the Deployment does not say how long a lease on the shared ledger lasts"
        mend = "add `lease: 15s`: a loop that was silent for longer asks before it sends"
        found.append(Diagnostic("M475", message, None, mend))
    if found or deployment.lease is None:
        raise MandateError(found)
    return float(deployment.lease)
