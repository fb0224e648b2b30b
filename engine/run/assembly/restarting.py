"""A start under another set than the one that the ledger ends with: what that changes.

In: the ledger, the hash of the set that was in force, the one that begins. Out: what `policy diff`
says of the two, as the record of a reload keeps it. Nothing is refused here: whoever starts a run
has chosen its set, and the record tells what that choice did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.records.activation import activated_set, activates
from engine.cycle.reloading.candidate import Compared
from engine.errors import MandateError
from engine.ledger import bodies
from engine.ledger.reader import JournalReader
from engine.ledger.records import RecordKind
from engine.run.reloading.asked import compared

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet
    from engine.ports import Disk


def change_since(disk: Disk, before: str, policy_set: PolicySet) -> Compared:
    """What leads from the set that was in force to this one; unknown where it cannot be told."""
    activations = JournalReader(disk).newest_of(RecordKind.SET_ACTIVATED)
    record = next((each for each in activations if activates(each, before)), None)
    if record is None:
        return Compared.unknown(f"no record holds the documents of {before}")
    try:
        was = activated_set(bodies.of_record(record))
    except MandateError as error:
        return Compared.unknown("; ".join(each.message for each in error.diagnostics))
    return compared(was, policy_set)
