"""The tables of `trader report`: which columns, in which order, and the sums below them.

In: fills, fees, results and lots. Out: `Table`s.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cli.trader_verbs.reporting.writing import Column, Shape, Table, total
from cli.trader_verbs.shown import money, percent, signed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.reporting import (
        Closed,
        Day,
        Fees,
        Fill,
        Lot,
        Result,
    )

_NOTHING = "nothing was traded in that time"


def fills_table(fills: Sequence[Fill]) -> Table:
    """One row an execution, the oldest first."""
    columns = (
        Column("time"),
        Column("product"),
        Column("side"),
        Column("quantity", Shape.EXACT),
        Column("price", Shape.EXACT),
        Column("notional", Shape.MONEY),
        Column("fee", Shape.MONEY),
        Column("currency"),
        Column("execution"),
        Column("strategy"),
        Column("intent"),
        Column("client_order_id"),
        Column("fill_id", wide=True),
        Column("policy_set", wide=True),
    )
    rows = tuple(
        (
            each.time,
            str(each.symbol),
            each.side.value,
            each.quantity,
            each.price,
            each.notional,
            each.fee,
            each.symbol.quote,
            _execution(maker=each.maker),
            each.strategy,
            each.intent,
            each.client_order_id,
            each.fill_id,
            each.policy_set,
        )
        for each in fills
    )
    return Table(columns, rows, _NOTHING)


def fees_table(fees: Sequence[Fees]) -> Table:
    """One row a product and kind of execution."""
    columns = (
        Column("product"),
        Column("execution"),
        Column("fills", Shape.COUNT),
        Column("notional", Shape.MONEY),
        Column("fee", Shape.MONEY),
        Column("currency"),
        Column("fee_bps", Shape.MONEY),
    )
    rows = tuple(
        (
            str(each.symbol),
            _execution(maker=each.maker),
            each.fills,
            each.notional,
            each.fee,
            each.symbol.quote,
            each.bps,
        )
        for each in fees
    )
    sums = total([(each.symbol.quote, each.fee) for each in fees])
    foot = tuple(f"fees {money(amount, currency)}" for currency, amount in sums.items())
    return Table(columns, rows, _NOTHING, foot)


def results_table(results: Sequence[Result], held: Sequence[Lot]) -> Table:
    """One row a product of which something was sold; what is held is told below."""
    columns = (
        Column("product"),
        Column("lots", Shape.COUNT),
        Column("won", Shape.COUNT),
        Column("quantity", Shape.EXACT),
        Column("proceeds", Shape.MONEY),
        Column("cost", Shape.MONEY),
        Column("fees", Shape.MONEY),
        Column("result", Shape.SIGNED),
        Column("currency"),
        Column("withdrawn", Shape.EXACT),
    )
    rows = tuple(
        (
            str(each.symbol),
            each.lots,
            each.won,
            each.quantity,
            each.proceeds,
            each.cost,
            each.fees,
            each.result,
            each.symbol.quote,
            each.withdrawn,
        )
        for each in results
    )
    sums = total([(each.symbol.quote, each.result) for each in results])
    at_cost = total([(each.symbol.quote, each.cost + each.fees) for each in held])
    foot = (
        *(f"result {signed(amount, currency)}" for currency, amount in sums.items()),
        *(f"held, at cost {money(amount, currency)}" for currency, amount in at_cost.items()),
    )
    return Table(columns, rows, "nothing was sold in that time", foot)


def day_table(day: Day | None) -> Table:
    """A line each: what it is about, which, and the figure."""
    rows = () if day is None else tuple(_day_rows(day))
    return Table((Column("about"), Column("what"), Column("figure")), rows, "nothing is on record")


def _day_rows(day: Day) -> Iterator[tuple[str, str, str]]:
    yield "day", "UTC", str(day.begins)[:10]
    yield from (("policy set", "activated", each) for each in day.sets)
    yield "cycles", "all", f"{day.cycles}"
    yield from (("cycles", state, f"{count}") for state, count in sorted(day.states.items()))
    yield "equity", "at the first cycle", money(day.first_equity)
    yield "equity", "at the last cycle", money(day.last_equity)
    yield "result", "of the day", percent(day.result_pct)
    yield "result", "realised, after fees", signed(day.realised)
    yield "fees", "of the day", money(day.fees)
    yield "orders", "fills", f"{day.fills}"
    yield from (("orders", what, f"{count}") for what, count in sorted(day.happened.items()))
    yield from (("decisions", what, f"{count}") for what, count in sorted(day.verdicts.items()))
    yield from (("refused by", what, f"{count}") for what, count in day.refusals.most_common())
    yield from _counted("breaker tripped", day.tripped)
    yield from _counted("alert fired", day.fired)
    yield from (("by hand", *each) for each in day.commands)
    yield "at its end", "held", ", ".join(day.held) or "nothing"
    yield "at its end", "orders of unknown fate", f"{day.unknown}"


def _counted(about: str, names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Each name with how often; none is told in a word."""
    found = Counter(names)
    yield from ((about, name, f"{count}") for name, count in found.most_common())
    if not found:
        yield about, "none", ""


def lots_table(closed: Sequence[Closed], held: Sequence[Lot]) -> Table:
    """One row a lot: closed ones in the order in which they closed, then those that are held."""
    columns = (
        Column("product"),
        Column("opened"),
        Column("closed"),
        Column("quantity", Shape.EXACT),
        Column("cost", Shape.MONEY),
        Column("fees", Shape.MONEY),
        Column("proceeds", Shape.MONEY),
        Column("result", Shape.SIGNED),
        Column("currency"),
        Column("state"),
    )
    gone = tuple(
        (
            str(each.symbol),
            each.opened,
            each.closed,
            each.quantity,
            each.cost,
            each.fees,
            each.proceeds,
            each.result,
            each.symbol.quote,
            "withdrawn" if each.proceeds is None else "sold",
        )
        for each in closed
    )
    there = tuple(
        (
            str(each.symbol),
            each.opened,
            None,
            each.quantity,
            each.cost,
            each.fees,
            None,
            None,
            each.symbol.quote,
            "held",
        )
        for each in held
    )
    return Table(columns, (*gone, *there), "no lot was closed in that time, and none is held")


def _execution(*, maker: bool) -> str:
    return "maker" if maker else "taker"
