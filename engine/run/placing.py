"""Where a run records: a directory, and perhaps a shared ledger that follows it.

In: what a person typed for `--ledger` and `--journal`, whose stream it is. Out: a `Placing`.
Refuses a journal's directory without an address to follow it (M470), and an address of another
stream (M478).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from engine.adapters.postgres.address import Address, is_address, parse_address
from engine.errors import Diagnostic, MandateError
from engine.run.ledgers import ledger_path, new_ledger

if TYPE_CHECKING:
    from engine.model.orders import Mode
    from engine.policyset.policyset import PolicySet

RUNS = Path("runs")


@dataclass(frozen=True, slots=True)
class Placing:
    """`directory` holds the journal, which is the truth; `shared` is where it is shipped to."""

    directory: Path
    shared: Address | None = None


def place(
    ledger: str | None, journal: Path | None, policy_set: PolicySet, mode: Mode | None
) -> Placing:
    """A new directory where nothing is said; for an address, one that the next run finds again."""
    if ledger is not None and is_address(ledger):
        return _shared(parse_address(ledger), journal, policy_set, mode)
    if journal is not None:
        mend = "name an address, as `--ledger postgresql://…`, or the directory with `--ledger`"
        message = "`--journal` says where the journal of a shared ledger lies, and none is shared"
        raise MandateError([Diagnostic("M470", message, None, mend)])
    return Placing(new_ledger(RUNS, policy_set.name) if ledger is None else ledger_path(ledger))


def _shared(
    address: Address, journal: Path | None, policy_set: PolicySet, mode: Mode | None
) -> Placing:
    deployment = policy_set.deployment
    stream = (deployment.mode if mode is None else mode.value), deployment.account.name
    if address.stream not in {None, stream}:
        message = f"the ledger `{address}` is not that of this run, {'/'.join(stream)}"
        mend = f"`--ledger {address.of(*stream)}`, or the same without `#`"
        raise MandateError([Diagnostic("M478", message, None, mend)])
    own = RUNS / "-".join((urlsplit(address.target).path[1:], *stream))
    return Placing(journal or own, address.of(*stream))
