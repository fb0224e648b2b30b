"""The account in questions: what differs from the venue, and what a person says of it.

In: a ledger, what a person typed. Out: values, by the last comparison that the ledger holds.
Refuses (M415) an amount that is no number above zero, and a currency that is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError
from engine.model.numbers import decimal_of
from engine.run.status import status_of

if TYPE_CHECKING:
    from decimal import Decimal

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
