"""The paper venue of a run in real time: orders fill here, against the market of a real one.

In: live market events, and what the real venue lists. Out: the exchange port. Whether a product
may trade, and what time it is, are the real venue's word; money and orders never leave the machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper import ImmediateFills, PaperExchange, PaperFees, PaperRules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from engine.adapters.coinbase.market import PublicMarket
    from engine.kinds.deployment.document import Fees
    from engine.model.market import Product
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.ports import Clock


class LivePaper(PaperExchange):
    """A paper account over a market that is there."""

    def __init__(
        self,
        market: PublicMarket,
        products: Mapping[Symbol, Product],
        cash: Mapping[str, Decimal],
        fees: Fees,
        clock: Clock,
    ) -> None:
        # What is shown at a decision is what it was decided on: only the next sample is news.
        rules = PaperRules(immediate=ImmediateFills.NEXT_SAMPLE)
        super().__init__(products, cash, PaperFees(fees.maker_bps, fees.taker_bps), clock, rules)
        self._market = market

    async def products(self) -> Sequence[Product]:
        """What the real venue lists of ours, as it stands now; raises `VenueError`."""
        told = [each.product for each in await self._market.listed()]
        ours = [each for each in told if each.symbol in self._products]
        for each in ours:
            self.set_product(each)
        return ours

    async def server_time(self) -> UtcTime:
        """The real venue's clock; raises `VenueError`."""
        return await self._market.server_time()
