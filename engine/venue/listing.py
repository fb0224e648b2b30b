"""What the venue lists: a product with the limits and flags that its REST interface tells.

In: a `Product` of the model, and what else the venue says of it. Out: `Listing`. Refuses nothing
here; `settings` looks at the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from engine.model.market import Product


@dataclass(frozen=True, slots=True)
class Listing:
    """A product, and the largest order that it takes.

    `alias` is the product whose market this one shares (BTC-USDC has the market of BTC-USD):
    market data answers with that name, wallets stay apart. `alias_to` is the other direction.
    """

    product: Product
    quote_increment: Decimal = Decimal("0.01")
    base_max_size: Decimal = Decimal(1_000_000)
    quote_max_size: Decimal = Decimal(150_000_000)
    base_name: str = ""
    quote_name: str = ""
    alias: str = ""
    alias_to: tuple[str, ...] = ()

    @property
    def symbol(self) -> Symbol:
        """The product's name."""
        return self.product.symbol

    @property
    def market(self) -> Symbol:
        """The product whose quotes its orders meet."""
        return Symbol.parse(self.alias) if self.alias else self.product.symbol
