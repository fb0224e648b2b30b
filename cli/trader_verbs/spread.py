"""The spread model that two options state: how far apart, and how much is shown.

In: the options as read. Out: a `SpreadModel`, or None where quotes are as recorded. Refuses (M514)
a depth without a spread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.recorded import SpreadModel
from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from decimal import Decimal


def spread_model(spread_bps: Decimal | None, depth: Decimal | None) -> SpreadModel | None:
    """The model of quotes that bars are to make; raises MandateError (M514) without a spread."""
    if spread_bps is not None:
        return SpreadModel(spread_bps, depth)
    if depth is not None:
        message = "`--depth` says how much derived quotes show, and none are asked for"
        raise MandateError([Diagnostic("M514", message, None, "add `--spread-bps`")])
    return None
