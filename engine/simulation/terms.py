"""The terms of a simulation: what a person asks that the policy set does not say.

In: choices. Out: `Terms`, and what is wrong with them (M800). They are told with every result,
since other terms give another history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from engine.adapters.recorded import SpreadModel
    from engine.model.orders import Mode
    from engine.model.times import UtcTime


@dataclass(frozen=True, slots=True)
class Terms:
    """How to simulate; what is None is as the Deployment and the recording say.

    `equity` is what the account begins with, in the numeraire and nothing else. Cycles run from
    `since` to `until`; what was recorded before `since` is known to the market and never traded.
    `derive` is the model of quotes where only bars were recorded.
    """

    mode: Mode | None = None
    equity: Decimal | None = None
    since: UtcTime | None = None
    until: UtcTime | None = None
    derive: SpreadModel | None = None

    def findings(self) -> Iterator[Diagnostic]:
        """What nobody can simulate (M800)."""
        if self.equity is not None and not (self.equity.is_finite() and self.equity > 0):
            mend = "state units of the numeraire above 0: `--equity 20000`"
            yield Diagnostic("M800", f"an equity of {self.equity} trades nothing", None, mend)
        if self.since is not None and self.until is not None and self.since >= self.until:
            message = f"from {self.since} to {self.until} there is no time"
            yield Diagnostic("M800", message, None, "let `--from` be earlier than `--to`")


AS_RECORDED = Terms()
"""The whole recording, with the account that the Deployment states."""
