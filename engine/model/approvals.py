"""Who approved the policy set that runs, and as what: what the ledger keeps of a signature.

In: names and numbers that were verified elsewhere. Out: frozen values. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.model.orders import Mode
    from engine.model.times import UtcTime


@dataclass(frozen=True, slots=True, order=True)
class Signer:
    """A person, as the host's allowed signers name him, and the fingerprint of his key."""

    principal: str
    key: str

    def __str__(self) -> str:
        return f"{self.principal} {self.key}"


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval of one set: `sequence` only ever grows, `purpose` is the most that it allows.

    A bundle states its sequence, purpose and `expires`; a signed commit has the second of its
    commit as its sequence, and allows what its Deployment states.
    """

    sequence: int
    signers: tuple[Signer, ...]
    purpose: Mode
    commit: str | None = None
    expires: UtcTime | None = None
