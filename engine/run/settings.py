"""What a person asked for when starting a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from engine.adapters.recorded import SpreadModel
    from engine.model.orders import Mode


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Where the rules, the market and the ledger are.

    `mode` None takes the Deployment's. `cycles` None runs to the end of the recording. `pace` None
    runs it in virtual time, as fast as it goes; a number is recorded seconds per real second.
    `ceilings` is a file outside of the set, whose maxima hold right before the wire. `shadow` is
    a second set that is asked about the same orders and decides nothing.
    """

    policies: Path
    ledger: Path
    quotes: tuple[Path, ...] = ()
    mode: Mode | None = None
    cycles: int | None = None
    pace: float | None = None
    derive: SpreadModel | None = None
    ceilings: Path | None = None
    shadow: Path | None = None
