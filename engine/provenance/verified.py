"""`verified`: what a run that demands signatures may load, from a bundle or from a checkout.

In: where the set lies, the host's `Trust`, one reading of the clock. Out: `Verified`. Refuses an
allowed-signers file that cannot be read (M760), or that lies where a change of policy could change
it too (M759), before it looks at anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.environment.bundles import read_bounded
from engine.errors import Diagnostic
from engine.policyset.reading.files import shown
from engine.provenance.allowed import AllowedSigners, allowed_signers
from engine.provenance.archive import MAX_BYTES
from engine.provenance.checkout import verified_checkout
from engine.provenance.verifying import Demand, Verified, verified_bundle

if TYPE_CHECKING:
    from pathlib import Path

    from engine.model.orders import Mode
    from engine.model.times import UtcTime

_MAX_ALLOWED_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Trust:
    """From the host: its file of allowed signers, how many people must sign, and for which mode.

    `mode` None is the mode that the set's own Deployment states.
    """

    allowed_signers: Path
    signers: int
    mode: Mode | None


def verified(policies: Path, trust: Trust, now: UtcTime) -> Verified:
    """The set in `policies`, a bundle or a folder of a checkout, if it may be believed."""
    allowed = _allowed(policies, trust.allowed_signers)
    if not isinstance(allowed, AllowedSigners):
        return Verified(None, None, allowed)
    demand = Demand(allowed, trust.signers, trust.mode)
    if policies.is_dir():
        return verified_checkout(policies, demand, trust.allowed_signers, now)
    data = read_bounded(policies, MAX_BYTES)
    if isinstance(data, OSError):
        message = f"`{shown(policies)}` cannot be read: {(data.strerror or '').lower()}"
        mend = "name a bundle, or a folder of a git checkout"
        return Verified(None, None, (Diagnostic("M761", message, None, mend),))
    return verified_bundle(data, demand, now)


def _allowed(policies: Path, path: Path) -> AllowedSigners | tuple[Diagnostic, ...]:
    if _within_reach(policies, path):
        message = f"`{shown(path)}` lies in the repository that it is to watch over"
        mend = "keep it where a change of policy cannot reach it, such as /etc/mandate"
        return (Diagnostic("M759", message, None, mend),)
    data = read_bounded(path, _MAX_ALLOWED_BYTES)
    if isinstance(data, OSError):
        message = f"`{shown(path)}` cannot be read: {(data.strerror or '').lower()}"
        mend = "without its allowed signers a run that demands signatures does not begin"
        return (Diagnostic("M760", message, None, mend),)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return (Diagnostic("M760", f"`{shown(path)}` is not UTF-8", None, "write it again"),)
    return allowed_signers(text, shown(path))


def _within_reach(policies: Path, path: Path) -> bool:
    """Whether the file, or a link that leads to it, lies in the repository of the policies."""
    here = policies.resolve()
    around = next((each for each in (here, *here.parents) if (each / ".git").exists()), here)
    ways = (path.resolve(), path.absolute().parent.resolve() / path.name)
    return any(each.is_relative_to(around) for each in ways)
