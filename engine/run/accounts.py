"""The account in questions: what differs from the venue, and what a person says of it.

In: a ledger, what a person typed. Out: values, by the last comparison that the ledger holds; and
what the loop answered to a command. Refuses (M415) an amount that is no number above zero, and a
currency that is none; sending again without a loop (M418); a loop that does not answer in time
(M419).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.cycle import operator
from engine.errors import Diagnostic, MandateError
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.numbers import decimal_of
from engine.run.status import status_of

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.cycle.clockwork import Command
    from engine.ledger.bodies import Body
    from engine.ports import Clock
    from engine.run.ledgers import LedgerView

_CURRENCY = re.compile(r"[A-Z0-9]{2,20}")


def flow_asked(
    view: LedgerView, amount: str, currency: str, *, out: bool
) -> tuple[Decimal, Decimal | None]:
    """The units that a person names, below 0 when they went out; and what the venue shows of it.

    The latter is None where venue and ledger agreed when they were last compared.
    """
    units = _amount(amount)
    wrong = []
    if units is None:
        mend = "a number above zero without a sign: `trader flow withdrawal 500 USD`"
        wrong.append(Diagnostic("M415", f"`{amount}` is no amount", None, mend))
    if not _CURRENCY.fullmatch(currency):
        mend = "capital letters, as the venue writes it: `USD`, `BTC`"
        wrong.append(Diagnostic("M415", f"`{currency}` is no currency", None, mend))
    if units is None or wrong:
        raise MandateError(wrong)
    return -units if out else units, status_of(view).state.away.get(currency)


def _amount(text: str) -> Decimal | None:
    try:
        units = decimal_of(text)
    except ValueError:
        return None
    return units if units > 0 and text[0] not in "+-" else None


@dataclass(frozen=True, slots=True)
class ProbeWords:
    """A probe as a person asks for it; without a product it is the regime's reference."""

    product: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a command, and the reading that it made, where it made one.

    `taken` are flows that had waited for somebody to take them in, each with what came of it.
    """

    outcome: str
    reading: Body | None
    taken: tuple[str, ...] = ()


PATIENCE_S = 60.0
"""How long a person at a terminal waits for the loop; the command stands however long it is."""
_LOOK_S = 0.2


def check_loop(view: LedgerView) -> None:
    """Whether somebody runs the ledger, who alone may send an order again; raises (M418)."""
    if view.holder() is None:
        message = "nobody runs this ledger, so nobody holds its market and its limits"
        mend = "start `trader run` first; it looks for the order by itself as well"
        raise MandateError([Diagnostic("M418", message, None, mend)])


async def ordered(view: LedgerView, command: Command, clock: Clock) -> Answered:
    """Leave a command for the loop, and wait for what it records; raises MandateError (M419)."""
    before = _newest(view)
    operator.drop_command(view.disk, command, clock.now())
    began = clock.monotonic_s()
    while (answer := answer_after(view, command, before)) is None:
        if clock.monotonic_s() - began > PATIENCE_S:
            message = f"the loop has not carried out `{command.verb}` in {PATIENCE_S:.0f} s"
            mend = "the order stands: `trader audit export` shows what becomes of it"
            raise MandateError([Diagnostic("M419", message, None, mend)])
        await clock.sleep_until(clock.now().plus_s(_LOOK_S))
    return answer


def _newest(view: LedgerView) -> int:
    with view.index() as index:
        last = index.last(RecordKind.OPERATOR_COMMAND)
    return 0 if last is None else last.sequence


def answer_after(view: LedgerView, command: Command, before: int) -> Answered | None:
    """What was recorded of a command after this record; None while nothing was."""
    wanted = (command.verb, command.target, command.who, command.why)
    with view.index() as index:
        for record in index.records(RecordKind.OPERATOR_COMMAND):
            body = bodies.of_record(record)
            told = tuple(bodies.text(body, key) for key in ("command", "target", "who", "why"))
            if record.sequence > before and told == wanted:
                reading = index.last(RecordKind.RECONCILE)
                new = reading is not None and before < reading.sequence < record.sequence
                found = bodies.of_record(reading) if reading is not None and new else None
                return Answered(bodies.text(body, "outcome"), found)
    return None
