"""What a person asks for when starting a venue, and the settings that follow from it.

In: options as typed. Out: `VenueSettings`. Refuses amounts that are none (M604) and a file of
products that cannot be read (M608), all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.adapters.paper import DuplicateIds, PaperFees
from engine.errors import Diagnostic, MandateError
from engine.model.market import Product
from engine.model.numbers import decimal_of
from engine.venue.listing import Listing
from engine.venue.settings import FEES, VenueSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from engine.model.symbols import Symbol

DEFAULT_CASH = {"USD": Decimal(100_000)}
_STEP = Decimal("0.00000001")
_TICK = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class VenueOptions:
    """Where the venue lives, where it answers, what it shows.

    `cash` is text as typed (`USD=100000`); without any the memory's own cash counts, and a new
    venue begins with 100,000 USD. `pace` is recorded seconds a real second, None as fast as it
    goes. Without `quotes` the market is the synthetic one of `seed`, which also decides what goes
    wrong at `fault_rate_pct`; `faults` is a plan with a seed of its own.
    """

    state: Path
    port: int
    plain_port: int
    quotes: tuple[Path, ...] = ()
    seed: int = 7
    pace: float | None = 1.0
    cash: tuple[str, ...] = ()
    fees: PaperFees = field(default=FEES)
    duplicate_ids: DuplicateIds = DuplicateIds.RETURNS_OLD
    products: Path | None = None
    script: Path | None = None
    faults: Path | None = None
    fault_rate_pct: Decimal | None = None


def settings_of(
    options: VenueOptions, listings: Sequence[Listing], known: Mapping[str, Decimal] | None
) -> VenueSettings:
    """The settings that follow; `known` is the cash that the memory began with."""
    return VenueSettings(
        listings=tuple(listings),
        cash=cash_of(options.cash) or known or DEFAULT_CASH,
        fees=options.fees,
        duplicate_ids=options.duplicate_ids,
    )


def cash_of(texts: Sequence[str]) -> dict[str, Decimal]:
    """Units by currency, of texts like `USD=100000`; raises `MandateError` (M604)."""
    read = [_amount(text) for text in texts]
    wrong = [each for each in read if isinstance(each, Diagnostic)]
    if wrong:
        raise MandateError(wrong)
    return dict(each for each in read if not isinstance(each, Diagnostic))


def _amount(text: str) -> tuple[str, Decimal] | Diagnostic:
    currency, _, units = text.partition("=")
    try:
        value = decimal_of(units)
    except ValueError:
        value = Decimal(-1)
    if not (currency.isalnum() and currency == currency.upper()) or value < 0:
        message = f"`{text}` is not an amount of a currency"
        return Diagnostic("M604", message, help="write it as `USD=100000`")
    return currency, value


def plain_listings(symbols: Sequence[Symbol]) -> Iterator[Listing]:
    """A listing for each product of a recording: the grid of the venue's large products."""
    for symbol in symbols:
        yield Listing(Product(symbol, _STEP, _TICK, _STEP, Decimal(1)))
