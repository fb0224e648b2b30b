"""Throwing the kill switch, whatever else does not work.

In: a ledger's directory, who and why. Out: the switch, and a command for the record. Needs no
policy, no database, no readable ledger, no right clock and no room on the disk; refuses (M425) only
where not even a file can be made, and says what stops the loop all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle import operator
from engine.errors import Diagnostic, MandateError
from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from engine.cycle.clockwork import Command
    from engine.run.ledgers import LedgerView


def halt(view: LedgerView, command: Command, now: UtcTime) -> OSError | None:
    """Throw the switch, then leave the command; what the disk said where it refused a part."""
    # People read the switch: whole seconds are enough.
    second = UtcTime(now.ns - now.ns % NS_PER_S)
    try:
        refused = operator.throw_kill_switch(view.disk, command.who, command.why, second)
    except OSError as error:
        raise MandateError([_not_thrown(view, error)]) from error
    try:
        operator.drop_command(view.disk, command, now)
    except OSError as error:
        return refused or error
    return refused


def _not_thrown(view: LedgerView, error: OSError) -> Diagnostic:
    why, holder = (error.strerror or "I/O error").lower(), view.holder()
    mend = "no loop runs this ledger now; start none before the disk is mended"
    if holder is not None:
        mend = f"end the loop itself, {holder}: `kill {holder.pid}`; then cancel at the venue"
    return Diagnostic("M425", f"the kill switch could not be thrown: {why}", None, mend)
