"""Facts of one order before it is sent.

Only `order.quantity` and `order.notional_usd` vary with size by themselves; everything else
that does is derived from them, so that sizing and checking are one computation.
"""

from __future__ import annotations

from engine.expr.facts.building import Source, derived
from engine.expr.units import Unit
from engine.expr.vocabulary import Absence, FactScope, FactSpec, FactType
from engine.model.orders import Intent, OrderForm, Side

SIZE_FACTS = frozenset({"order.quantity", "order.notional_usd"})

_ORDER = Source(FactScope.ORDER, "cycle.facts.order")
_LEDGER = Source(FactScope.ORDER, "cycle.facts.ledger")

_ASKED: tuple[FactSpec, ...] = (
    _ORDER.text("order.symbol", "the product, as BASE-QUOTE"),
    _ORDER.text("order.base", "the asset that is bought or sold"),
    _ORDER.text("order.quote_currency", "the currency that pays for it"),
    _ORDER.enum("order.side", "buy or sell", tuple(each.value for each in Side)),
    _ORDER.enum("order.intent", "why it is wanted", tuple(each.value for each in Intent)),
    _ORDER.enum("order.type", "how it meets the book", tuple(each.value for each in OrderForm)),
    _ORDER.text("order.strategy", "the strategy that wants it"),
    FactSpec(
        "order.tier",
        FactType.ENUM,
        None,
        FactScope.ORDER,
        "",
        "the universe tier of its symbol; the set names the tiers",
        definition="asset.tier",
    ),
    _ORDER.number("order.quantity", Unit.BASE, "base units that it asks for", low=0),
    _ORDER.number("order.notional_usd", Unit.USD, "value at its worst-case price", low=0),
    _ORDER.number(
        "order.limit_price", Unit.PRICE, "its limit price; unknown for a market order", low=0
    ),
    _ORDER.number(
        "order.conviction", Unit.RATIO, "how sure the strategy is, 0 to 1", low=0, high=1
    ),
    _ORDER.flag("order.opens_position", "whether nothing of its symbol is held or pending yet"),
    _ORDER.flag(
        "order.continues",
        "whether it goes on with an order that ended before it: a rung of a ladder, not a new wish",
    ),
    _LEDGER.flag(
        "order.self_match",
        "whether a working order of ours on the other side rests at a price that it reaches",
    ),
    _LEDGER.number(
        "order.duplicate_age_s",
        Unit.S,
        "age of the last intent of the same symbol, side and strategy",
        absence=Absence.SINCE_GENESIS,
        low=0,
    ),
)

_PRICED: tuple[FactSpec, ...] = (
    _ORDER.number(
        "order.price_vs_mid_bps",
        Unit.BPS,
        "how far its worst-case price lies beyond the mid; positive is against us",
    ),
    _ORDER.number("order.fee_bps", Unit.BPS, "the assumed fee of its type", low=0),
    _ORDER.number(
        "order.slippage_bps", Unit.BPS, "expected slippage at the touch, whatever the size", low=0
    ),
    derived(
        FactScope.ORDER,
        "order.cost_bps",
        Unit.BPS,
        "order.fee_bps + order.slippage_bps",
        "assumed fee and expected slippage together",
    ),
)

_SIZED: tuple[FactSpec, ...] = (
    derived(
        FactScope.ORDER,
        "order.signed_notional_usd",
        Unit.USD,
        'order.notional_usd if order.side == "BUY" else -order.notional_usd',
        "its value, negative for a sell",
    ),
    derived(
        FactScope.ORDER,
        "order.cost_with_fee_usd",
        Unit.USD,
        "order.notional_usd + order.notional_usd * (order.fee_bps / 10000)",
        "what a buy takes out of cash at its worst-case price, the assumed fee included",
    ),
    derived(
        FactScope.ORDER,
        "order.size_pct",
        Unit.PCT,
        "share_pct(order.notional_usd, portfolio.equity_usd)",
        "its value in percent of equity",
    ),
    derived(
        FactScope.ORDER,
        "order.depth_ratio",
        Unit.RATIO,
        "book.depth_20bps_usd / order.notional_usd",
        "how many times over the book within 20 bps covers it",
    ),
)

ORDER_FACTS: tuple[FactSpec, ...] = (*_ASKED, *_PRICED, *_SIZED)
