"""What a person asked for when starting a run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from engine.adapters.postgres.address import Address
    from engine.adapters.recorded import SpreadModel
    from engine.model.orders import Mode
    from engine.model.symbols import Symbol
    from engine.provenance.verified import Trust


class ReloadWhen(Enum):
    """When a run in real time takes another set: when a person orders it, or commits it too."""

    ORDERED = "ordered"
    COMMITTED = "committed"


@dataclass(frozen=True, slots=True)
class VenueSettings:
    """Where the venue is, what is looked at there, and where credentials lie.

    `url` None is Coinbase itself; anything else is on loopback, with `authority` as the certificate
    to trust. `secrets` is a mounted directory, one secret a file. No `products`: those that the
    universe could let in.
    """

    url: str | None = None
    authority: Path | None = None
    secrets: Path | None = None
    products: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Where the rules, the market and the ledger are.

    Without `quotes` the run is in real time, at `venue`. `mode` None takes the Deployment's.
    `cycles` None runs to the end of the recording, or until it is stopped. `pace` None runs a
    recording in virtual time, as fast as it goes; a number is recorded seconds per real second.
    `ceilings` is a file outside of the set, whose maxima hold
    right before the wire. `shadow` is a second set that is asked about the same orders and decides
    nothing. `trust` demands a set that people whom the host names have signed. `shared` is a server
    that follows the journal in `ledger`; `take_over` takes its lease from a holder that went
    silent. `reload` says when another set is taken. `at_terminal` says that a person sits where the
    run can ask him about an order.
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
    trust: Trust | None = None
    shared: Address | None = None
    take_over: bool = False
    venue: VenueSettings = VenueSettings()
    reload: ReloadWhen = ReloadWhen.ORDERED
    at_terminal: bool = False

    @property
    def real_time(self) -> bool:
        """Whether the market is a venue, and no recording."""
        return not self.quotes
