"""The tables of what was intended against what was done, by this set and by one beside it.

In: executions, comparisons. Out: `Table`s, with the sums below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.reporting.writing import Column, Shape, Table, total
from cli.trader_verbs.shown import money, signed
from engine.reporting import by_strategy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.reporting import Comparison, Executed, Execution, Shadowed


def execution_table(orders: Sequence[Execution]) -> Table:
    """One row an order: what was intended, what was done; sums by strategy below."""
    columns = (
        Column("time"),
        Column("product"),
        Column("strategy"),
        Column("intent"),
        Column("form"),
        Column("outcome"),
        Column("quantity", Shape.EXACT),
        Column("filled_pct", Shape.MONEY),
        Column("intended", Shape.EXACT),
        Column("price", Shape.MONEY),
        Column("slippage_bps", Shape.SIGNED),
        Column("shortfall_bps", Shape.SIGNED),
        Column("currency"),
        Column("filled", Shape.EXACT, wide=True),
        Column("arrival", Shape.EXACT, wide=True),
        Column("worst", Shape.EXACT, wide=True),
        Column("notional", Shape.EXACT, wide=True),
        Column("slippage", Shape.EXACT, wide=True),
        Column("shortfall", Shape.EXACT, wide=True),
        Column("fee", Shape.EXACT, wide=True),
        Column("fills", Shape.COUNT, wide=True),
        Column("waited_s", wide=True),
        Column("ladder", wide=True),
        Column("rung", Shape.COUNT, wide=True),
        Column("client_order_id", wide=True),
        Column("policy_set", wide=True),
    )
    rows = tuple(
        (
            each.time,
            str(each.symbol),
            each.strategy,
            each.intent.value,
            each.form,
            each.outcome,
            each.quantity,
            each.filled_pct,
            each.reference,
            each.price,
            each.slippage_bps,
            each.shortfall_bps,
            each.symbol.quote,
            each.filled,
            each.arrival,
            each.worst,
            each.notional,
            each.slippage,
            each.shortfall,
            each.fee,
            each.fills,
            None if each.waited_s is None else f"{each.waited_s:.3f}",
            each.ladder,
            each.rung,
            each.client_order_id,
            each.policy_set,
        )
        for each in orders
    )
    foot = tuple(_executed(each) for each in by_strategy(orders))
    return Table(columns, rows, "no order was allowed in that time", foot)


def _executed(each: Executed) -> str:
    head = f"{each.strategy} {each.intent.value}: {each.filled:,} of {each.orders:,} orders filled"
    if each.slippage_bps is None or each.shortfall_bps is None or each.fee_bps is None:
        return head
    return (
        f"{head}, {money(each.notional, each.currency)}; slippage {signed(each.slippage_bps)} bps "
        f"({signed(each.slippage, each.currency)}), fees {money(each.fee_bps)} bps, "
        f"in all {signed(each.shortfall_bps)} bps since the wish"
    )


def shadow_table(found: Comparison, differ: Sequence[Shadowed]) -> Table:
    """One row a decision in which a second set differed; how often they agreed below."""
    columns = (
        Column("time"),
        Column("product"),
        Column("strategy"),
        Column("intent"),
        Column("verdict"),
        Column("quantity", Shape.EXACT),
        Column("notional", Shape.MONEY),
        Column("cost", Shape.SIGNED),
        Column("shadow_verdict"),
        Column("shadow_quantity", Shape.EXACT),
        Column("shadow_notional", Shape.MONEY),
        Column("shadow_cost", Shape.SIGNED),
        Column("currency"),
        Column("estimated"),
        Column("reasons", wide=True),
        Column("client_order_id", wide=True),
        Column("policy_set", wide=True),
        Column("shadow", wide=True),
    )
    rows = tuple(
        (
            each.time,
            str(each.symbol),
            each.strategy,
            each.intent.value,
            each.verdict,
            each.quantity,
            each.notional,
            each.cost,
            each.shadow_verdict,
            each.shadow_quantity,
            each.shadow_notional,
            each.shadow_cost,
            each.symbol.quote,
            "yes" if each.estimated else "",
            each.reasons,
            each.client_order_id,
            each.policy_set,
            each.shadow,
        )
        for each in differ
    )
    if not found.shadows and not differ:
        return Table(columns, (), "no second set ran beside this one: `trader run --shadow DIR`")
    none = f"the sets agreed about all of {found.asked:,} decisions"
    return Table(columns, rows, none, tuple(_shadow_sums(found, differ)))


def _shadow_sums(found: Comparison, differ: Sequence[Shadowed]) -> Iterator[str]:
    yield f"{len(differ):,} of {found.asked:,} decisions differ"
    yield from (f"the other set: {each}" for each in found.shadows)
    ours = total([(each.symbol.quote, each.cost) for each in differ])
    theirs = total([(each.symbol.quote, each.shadow_cost) for each in differ])
    for currency, amount in ours.items():
        there = signed(theirs[currency], currency)
        yield f"where they differ: cost {signed(amount, currency)}, the other's {there}"
