"""Mistakes in the ledger: what is kept, what is read again, what a crash leaves."""

from __future__ import annotations

from histories.faults import Fault
from histories.mutants.mutant import Mutant

_JOURNAL = "engine/ledger/journal.py"
_READER = "engine/ledger/reader.py"
_FOLD = "engine/ledger/folding/orders.py"
_POSITIONS = "engine/ledger/folding/positions.py"

MUTANTS = (
    Mutant(
        "torn line kept",
        _JOURNAL,
        "                self._disk.truncate(name, tail.size)\n",
        "",
        "the next record is written behind half a line",
        aimed=(Fault.POWER_LOSS, Fault.SHORT_WRITE),
    ),
    Mutant(
        "whole segment cut",
        _JOURNAL,
        "                self._disk.truncate(name, tail.size)\n",
        "                self._disk.truncate(name, 0)\n",
        "confirmed records are gone after a crash",
        aimed=(Fault.POWER_LOSS, Fault.SHORT_WRITE),
    ),
    Mutant(
        "chain not continued",
        _JOURNAL,
        "        return seal(self.last.sequence + 1, moment, kind, body, self.last.hash)",
        "        return seal(self.last.sequence + 1, moment, kind, body, NO_PREVIOUS)",
        "the chain is not whole",
    ),
    Mutant(
        "time goes back",
        _JOURNAL,
        "        moment = max(time, self.last.time)",
        "        moment = time",
        "a wall clock that was set back sets the ledger back",
        aimed=(Fault.WALL_JUMP,),
    ),
    Mutant(
        "intent numbers begin anew",
        _FOLD,
        "    state.next_intent = order.number + 1",
        "    state.next_intent = order.number % 5 + 1",
        "a number, and with it an id, is given twice",
    ),
    Mutant(
        "orders not counted from their intent",
        _FOLD,
        "    state.working[order.number] = order\n    state.intents",
        "    state.working.pop(order.number, None)\n    state.intents",
        "an order is nobody's until the venue has answered",
    ),
    Mutant(
        "partly filled is filled",
        "engine/model/portfolio.py",
        "        return self.quantity - self.filled_quantity",
        "        return self.quantity * (not self.filled_quantity)",
        "the rest of an order that is filled in part is forgotten",
        aimed=(Fault.PARTIAL_THEN_CANCELLED,),
    ),
    Mutant(
        "orders counted without their time",
        _FOLD,
        "        pace.orders.append(time)\n",
        "",
        "more is sent in a minute than is allowed",
    ),
    Mutant(
        "sales leave the position",
        _POSITIONS,
        "    left = held.quantity - quantity\n",
        "    left = held.quantity\n",
        "what was sold is sold again",
    ),
    Mutant(
        "sync not watched",
        "engine/cycle/records/recorder.py",
        "        with self._watched(), self.synced():\n            self._journal.sync()\n",
        "        try:\n            self._journal.sync()\n"
        "        except LedgerUnavailable:\n            self.healthy = False\n",
        "an order is sent although its intent could not be written",
        aimed=(Fault.DISK_ERROR, Fault.DISK_FULL, Fault.SHORT_WRITE),
    ),
)
