"""What the venue says of our key, held against what the Deployment says.

In: the key's permissions. Out: findings (M464-M466): a key that can move money away, one that
cannot do what the run needs, one of another portfolio. Asked before the first cycle, where they
refuse the run, and every hour, where they stop entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.deployment.document import DeploymentSpec
    from engine.model.account import FeeRates, KeyPermissions
    from engine.model.times import UtcTime

EVERY_S = 3600
"""How often the venue is asked again: the order path's specification says hourly."""


@dataclass(slots=True)
class KeyWatch:
    """The key in use: what the venue takes of its trades, and what stands against it since when.

    `asked` is when the venue was last asked, whatever came of it. What it said before counts until
    it says another thing: a key does not lose its rights by a failure of the venue.
    """

    fees: FeeRates | None
    asked: UtcTime
    findings: tuple[Diagnostic, ...] = ()

    @property
    def refused(self) -> str | None:
        """Why nothing may be entered with this key; None when all is well."""
        return "; ".join(f"{each.code} {each.message}" for each in self.findings) or None


def key_findings(key: KeyPermissions, deployment: DeploymentSpec) -> Iterator[Diagnostic]:
    """Everything that stands against trading with this key."""
    if key.can_transfer:
        mend = "make a key without the transfer permission, and delete this one"
        yield Diagnostic("M464", "the key can move money out of the account", None, mend)
    for able, deed in ((key.can_view, "look at the account"), (key.can_trade, "trade")):
        if not able:
            mend = "make a key with the permissions view and trade, and no other"
            yield Diagnostic("M465", f"the key may not {deed}", None, mend)
    wanted = deployment.account.portfolio_id
    if wanted is not None and key.portfolio_id != wanted:
        message = f"the key is of portfolio `{key.portfolio_id}`, the Deployment's is `{wanted}`"
        mend = "use a key of that portfolio, or state its own in `account.portfolio_id`"
        yield Diagnostic("M466", message, None, mend)
