"""The terms of a simulation: what a person asks that the policy set does not say.

In: choices. Out: `Terms`, and what is wrong with them (M800, M806). They are told with every
result, since other terms give another history.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from engine.adapters.recorded import SpreadModel
    from engine.model.orders import Mode

MAX_STRESS = 16
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_LATENCY_S = 60


@dataclass(frozen=True, slots=True)
class Terms:
    """How to simulate; what is None is as the Deployment and the recording say.

    `equity` is what the account begins with, in the numeraire and nothing else. Cycles run from
    `since` to `until`; what was recorded before `since` is known to the market and never traded.
    `derive` is the model of quotes where only bars were recorded. With `stress` every message
    comes so many times, and so much more is traded. An order meets the market `latency_s` after
    it was sent, and never before the next sample.
    """

    mode: Mode | None = None
    equity: Decimal | None = None
    since: UtcTime | None = None
    until: UtcTime | None = None
    derive: SpreadModel | None = None
    stress: int = 1
    latency_s: float = 0.0

    def findings(self) -> Iterator[Diagnostic]:
        """What nobody can simulate (M800)."""
        if self.equity is not None and not (self.equity.is_finite() and self.equity > 0):
            mend = "state units of the numeraire above 0: `--equity 20000`"
            yield Diagnostic("M800", f"an equity of {self.equity} trades nothing", None, mend)
        if self.since is not None and self.until is not None and self.since >= self.until:
            message = f"from {self.since} to {self.until} there is no time"
            yield Diagnostic("M800", message, None, "let `--from` be earlier than `--to`")
        if not 1 <= self.stress <= MAX_STRESS:
            mend = f"state 1 to {MAX_STRESS} times: `--stress 2`"
            yield Diagnostic("M800", f"a stress of {self.stress} is none", None, mend)
        if not 0 <= self.latency_s <= MAX_LATENCY_S:
            mend = f"state 0 to {MAX_LATENCY_S} seconds: `--latency 0.25`"
            yield Diagnostic("M800", f"no order takes {self.latency_s} s", None, mend)


AS_RECORDED = Terms()
"""The whole recording, with the account that the Deployment states."""


def instant(option: str, text: str) -> UtcTime:
    """The instant that was typed; raises MandateError (M806).

    A day begins at midnight, so up to `2018-04-04` ends before that day.
    """
    try:
        return UtcTime.parse(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text)
    except ValueError:
        message = f"`{option} {text}` is no instant"
        mend = "write a day or an instant in UTC: `2018-04-04`, `2018-04-04T16:30:00Z`"
        raise MandateError([Diagnostic("M806", message, None, mend)]) from None
