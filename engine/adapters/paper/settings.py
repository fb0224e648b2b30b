"""What a paper venue is told: its fees, and the rules that venues differ in.

In: basis points and closed choices. Out: frozen settings, and the findings in them.
Refuses nothing here: `PaperExchange` collects the findings and refuses them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly, is_amount, rounded_up
from engine.errors import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.model.market import Product

FEE_STEP = Decimal("0.00000001")
_FEE_LIMIT_BPS = Decimal(10_000)


class DuplicateIds(Enum):
    """What a repeated client order id does; sources dispute it, so a test must choose each."""

    RETURNS_OLD = "returns_old"
    REJECTS = "rejects"
    CREATES_SECOND = "creates_second"


class ImmediateFills(Enum):
    """Which market an immediate order meets.

    On a recording the sample that is shown is the one that the order was decided on, and an order
    takes time to arrive: only the next sample is one that nobody knew.
    """

    SHOWN = "shown"
    NEXT_SAMPLE = "next_sample"


@dataclass(frozen=True, slots=True)
class PaperFees:
    """The share of each notional that the venue keeps, in basis points of quote currency."""

    maker_bps: Decimal
    taker_bps: Decimal

    def rate_bps(self, *, maker: bool) -> Decimal:
        """The rate for who rested, or for who took."""
        return self.maker_bps if maker else self.taker_bps


@dataclass(frozen=True, slots=True)
class PaperRules:
    """Where venues differ, and how long a sample of the market may be traded against.

    `shown_for_s`: a quote or book older than this shows nothing, since a feed that died must
    not go on filling orders; as long an immediate order waits for the next sample. `stream`
    begins every order and fill id. An order meets no sample in its first `arrives_after_s`.
    """

    duplicate_ids: DuplicateIds = DuplicateIds.RETURNS_OLD
    shown_for_s: float = 300.0
    stream: str = "paper"
    immediate: ImmediateFills = ImmediateFills.SHOWN
    arrives_after_s: float = 0.0


def fee_of(notional: Decimal, rate_bps: Decimal) -> Decimal:
    """The fee on `notional`, rounded up to eight decimals of the quote currency."""
    with exactly():
        fee = notional * rate_bps.scaleb(-4)
    return rounded_up(fee, FEE_STEP)


def findings_in(
    products: Iterable[Product], cash: Mapping[str, Decimal], fees: PaperFees
) -> Iterator[Diagnostic]:
    """Everything wrong with what a paper venue is told: M540, M541, M542."""
    yield from (_bad_cash(name, units) for name, units in cash.items() if not _is_cash(units))
    rates = (("maker_bps", fees.maker_bps), ("taker_bps", fees.taker_bps))
    yield from (_bad_fee(name, rate) for name, rate in rates if not _is_fee(rate))
    yield from without_grid(products)


def without_grid(products: Iterable[Product]) -> Iterator[Diagnostic]:
    """Products that no price or size can be a multiple of: M542."""
    for product in products:
        if not (is_amount(product.base_increment) and is_amount(product.price_increment)):
            yield Diagnostic(
                "M542",
                f"`{product.symbol}` has no grid for prices and sizes",
                help="give `base_increment` and `price_increment` above zero, as the venue does",
            )


def _is_cash(units: Decimal) -> bool:
    return is_amount(units) or units.is_zero()


def _is_fee(rate: Decimal) -> bool:
    return rate.is_zero() or (is_amount(rate) and rate < _FEE_LIMIT_BPS)


def _bad_fee(name: str, rate: Decimal) -> Diagnostic:
    return Diagnostic(
        "M541",
        f"paper fee `{name}` is {rate}",
        help="state basis points from 0 to below 10000: 40 is 0.4 %",
    )


def _bad_cash(currency: str, units: Decimal) -> Diagnostic:
    return Diagnostic(
        "M540",
        f"paper cash of `{currency}` is {units}",
        help="state what the account begins with: a finite amount, zero or more",
    )
