"""Numbers and times as the verbs of `trader` show them.

In: Decimal or float money, quantities, instants. Out: short text in one style everywhere: money
with two decimals and thousands, quantities and prices exact, shares signed, times in UTC.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.model.numbers import canonical_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.adapters.system.lock import Holder
    from engine.model.approvals import Approval
    from engine.model.times import UtcTime

UNKNOWN = "unknown"
STAMP_DIGITS = 12
_CENT = Decimal("0.01")
_UNITS_S = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_PARTS_SHOWN = 2


def money(amount: Decimal | None, currency: str = "") -> str:
    """`10,002.31 USD`; less than a cent keeps its digits."""
    if amount is None:
        return UNKNOWN
    small = amount != 0 and abs(amount) < _CENT
    text = canonical_number(amount) if small else f"{amount:,.2f}"
    return f"{text} {currency}".rstrip()


def signed(amount: Decimal | None, currency: str = "") -> str:
    """Money with its sign: a result."""
    if amount is None:
        return UNKNOWN
    return f"{_sign(amount)}{money(abs(amount), currency)}"


def percent(value: Decimal | float | None) -> str:
    """`+1.25 %`: a share of a hundred with its sign."""
    if value is None:
        return UNKNOWN
    rounded = round(Decimal(value), 2)
    return f"{_sign(rounded)}{abs(rounded):.2f} %"


def exact(value: Decimal) -> str:
    """A quantity or a price with all of its digits: `94,012.5`, `0.0042`."""
    whole, point, decimals = canonical_number(value).partition(".")
    return f"{int(whole):,}{point}{decimals}" if abs(value) >= 1 else f"{whole}{point}{decimals}"


def average(value: Decimal) -> str:
    """A price that was divided: no more digits than say something."""
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.6f}"


def clock(moment: UtcTime) -> str:
    """`2026-01-05 09:49:00`, in UTC; whole seconds."""
    return str(moment)[:19].replace("T", " ")


def held_by(holder: Holder) -> str:
    """`process 9662 on desk-1 since 2026-01-05 09:49:00 UTC`: who runs a ledger."""
    return f"process {holder.pid} on {holder.host} since {clock(holder.since)} UTC"


def lasting(seconds: float) -> str:
    """`6h 2m`: a stretch of time in its two largest units."""
    parts = []
    left = round(seconds)
    for unit, size in _UNITS_S:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:_PARTS_SHOWN]) or "0s"


def stamp(policy_set: str) -> str:
    """The digits of a set's hash that order ids begin with."""
    return policy_set[:STAMP_DIGITS]


def approval_rows(approval: Approval | None) -> Iterator[tuple[str, str]]:
    """Who approved a set and for what, as rows of a page; none where nobody was asked."""
    if approval is None:
        return
    for number, signer in enumerate(approval.signers):
        yield "" if number else "signed by", str(signer)
    until = f", until {approval.expires}" if approval.expires else ""
    yield "approved", f"for {approval.purpose.value}{until}, sequence {approval.sequence}"
    if approval.commit is not None:
        yield "commit", approval.commit


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 order`, `2 orders`, `3,001 entries`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def columns(rows: Sequence[Sequence[str]], right: Iterable[int] = (), indent: int = 2) -> str:
    """Rows as aligned columns, a line break after each; the columns in `right` end alike."""
    if not rows:
        return ""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    ends = set(right)
    lines = (
        "  ".join(
            cell.rjust(width) if at in ends else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
    return "".join(f"{' ' * indent}{line}\n" for line in lines)


def _sign(value: Decimal) -> str:
    return "-" if value < 0 else "+"
