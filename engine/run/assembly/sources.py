"""Where the set of a run comes from: a folder, or what people whom the host names have signed.

In: a path, and the host's trust if signatures are demanded. Out: `Sourced`. Refuses (MandateError)
what does not load or verify, a bundle that nobody demands signatures of (M769), and an approval
that is older than one which the ledger has seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.system.clock import SystemClock
from engine.errors import Diagnostic, MandateError
from engine.policyset.opening import load_policy_set
from engine.policyset.reading.files import shown
from engine.provenance.verified import verified
from engine.provenance.verifying import rolled_back

if TYPE_CHECKING:
    from pathlib import Path

    from engine.ledger.state import State
    from engine.model.approvals import Approval
    from engine.policyset.policyset import PolicySet
    from engine.provenance.verified import Trust


@dataclass(frozen=True, slots=True)
class Sourced:
    """A set to run, who approved it where that is demanded, and the warnings about it."""

    policy_set: PolicySet
    approval: Approval | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def sourced(policies: Path, trust: Trust | None) -> Sourced:
    """Read the set, and verify it where signatures are demanded."""
    if trust is not None:
        found = verified(policies, trust, SystemClock().now())
        return Sourced(*found.required(), found.diagnostics)
    if policies.is_file():
        message = f"`{shown(policies)}` is a bundle, and nobody says whose signatures count"
        mend = "add `--require-signed --allowed-signers FILE`; or name the folder of a set"
        raise MandateError([Diagnostic("M769", message, None, mend)])
    loaded = load_policy_set(policies)
    return Sourced(loaded.required(), None, loaded.diagnostics)


def check_sequence(state: State, source: Sourced) -> None:
    """Refuse what is older than what this ledger has activated."""
    if source.approval is None:
        return
    own = source.policy_set.hash
    refused = rolled_back(own, source.approval, state.sequenced, state.sequence)
    if refused is not None:
        raise MandateError([refused])
