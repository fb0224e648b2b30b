"""A simulation as data frames, for notebooks: decisions, denials, silences, fills, trades, series.

In: a `Simulation`. Out: Polars frames, times in UTC, Decimals as floats since statistics are made
of them; the values themselves are in the simulation. Needs the extra `simulate` (M809).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from engine.cycle.records.telling import reason_words
from engine.errors import Diagnostic, MandateError, with_extra
from engine.model.usage import used_pct
from engine.simulation.blame import culprits
from engine.simulation.distance import distances
from engine.simulation.figures import falls_pct
from engine.simulation.saved import follow
from engine.simulation.trades import trades_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    import polars as pl

    from engine.model.times import UtcTime
    from engine.simulation.result import OrderTold, Simulation

    Cell = str | float | int | bool | None
    Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Frames:
    """One frame a question.

    A row is: a decision; a refusal of one by one rule; a rule asked about one order; a stretch in
    which nothing was proposed; an execution; a round trip; a cycle; a product in a cycle; a rule; a
    denied entry, followed to the exit of its plan (an estimate).
    """

    decisions: pl.DataFrame
    denials: pl.DataFrame
    evaluations: pl.DataFrame
    silences: pl.DataFrame
    fills: pl.DataFrame
    trades: pl.DataFrame
    series: pl.DataFrame
    exposure: pl.DataFrame
    rules: pl.DataFrame
    followed: pl.DataFrame


def frames(simulation: Simulation) -> Frames:
    """Everything as frames; raises MandateError (M809) without the extra `simulate`."""
    return Frames(
        decisions=_frame(_DECISION, map(_decision, simulation.orders)),
        denials=_frame(_DENIAL, _denials(simulation)),
        evaluations=_frame(_EVALUATION, _evaluations(simulation)),
        silences=_frame(_SILENCE, _silences(simulation)),
        fills=_frame(_FILL, _fills(simulation)),
        trades=_frame(_TRADE, _trades(simulation)),
        series=_frame(_CYCLE, _cycles(simulation)),
        exposure=_frame(_HELD, _held(simulation)),
        rules=_frame(_RULE, _rules(simulation)),
        followed=_frame(_FOLLOWED, _followed(simulation)),
    )


_DECISION = (
    "time:t symbol:s side:s intent:s strategy:s why:s verdict:s outcome:s asked:f quantity:f "
    "price:f asked_usd:f denied_by:s resized_by:s words:s client_order_id:s"
)
_DENIAL = "time:t symbol:s strategy:s by:s alone:b asked_usd:f"
_EVALUATION = "time:t symbol:s rule:s group:s outcome:s used_pct:f missing:s"
_SILENCE = "symbol:s first:t last:t cycles:i reason:s words:s"
_FILL = "time:t symbol:s side:s quantity:f price:f fee:f maker:b slippage:f client_order_id:s"
_TRADE = (
    "symbol:s strategy:s opened:t closed:t paid:f received:f fees:f result_usd:f result_pct:f "
    "held_s:f why:s left_by:s"
)
_CYCLE = "time:t equity_usd:f cash_usd:f drawdown_pct:f state:i"
_HELD = "time:t symbol:s value_usd:f"
_RULE = (
    "rule:s role:s stage:s asked:i held:i failed:i undecided:i fired:i bound:i "
    "nearest_pct:f nearest_at:t untested:b"
)
_FOLLOWED = "time:t symbol:s strategy:s refused_by:s times:i left:t why:s result_usd:f"


def _frame(columns: str, rows: Iterable[Row]) -> pl.DataFrame:
    """A frame of these columns, also where there is no row; `t` are nanoseconds in UTC."""
    try:
        import polars as pl  # noqa: PLC0415 - an extra, imported on first use
    except ImportError:
        message = "data frames need the extra `simulate`, which is not installed"
        mend = with_extra("simulate", "ask the simulation itself: it has every value")
        raise MandateError([Diagnostic("M809", message, None, mend)]) from None
    types: dict[str, type[pl.DataType] | pl.DataType] = {
        "t": pl.Int64,
        "s": pl.String,
        "f": pl.Float64,
        "i": pl.Int64,
        "b": pl.Boolean,
    }
    named = [each.split(":") for each in columns.split()]
    schema = {name: types[kind] for name, kind in named}
    zone = pl.Datetime("ns", "UTC")
    whole = pl.DataFrame(list(rows), schema=schema, orient="row")
    return whole.with_columns(pl.col(name).cast(zone) for name, kind in named if kind == "t")


def _decision(order: OrderTold) -> Row:
    intent, decision = order.intent, order.decision
    return {
        "time": order.time.ns,
        "symbol": str(intent.symbol),
        "side": intent.side.value,
        "intent": intent.intent.value,
        "strategy": intent.strategy,
        "why": intent.reason,
        "verdict": decision.verdict.value,
        "outcome": order.outcome,
        "asked": float(decision.asked),
        "quantity": float(decision.quantity),
        "price": float(intent.limit_price or intent.reference_price),
        "asked_usd": _float(order.asked_usd),
        "denied_by": ", ".join(culprits(order)),
        "resized_by": ", ".join(decision.resized_by),
        "words": "; ".join(reason_words(each, None) for each in decision.reasons),
        "client_order_id": order.client_order_id,
    }


def _denials(simulation: Simulation) -> Iterable[Row]:
    for order in simulation.denied:
        names = culprits(order)
        for name in names:
            yield {
                "time": order.time.ns,
                "symbol": str(order.intent.symbol),
                "strategy": order.intent.strategy,
                "by": name,
                "alone": len(names) == 1,
                "asked_usd": _float(order.asked_usd),
            }


def _evaluations(simulation: Simulation) -> Iterable[Row]:
    for order in simulation.orders:
        for each in order.decision.evaluations:
            yield {
                "time": order.time.ns,
                "symbol": str(order.intent.symbol),
                "rule": each.rule,
                "group": each.group,
                "outcome": each.outcome.value,
                "used_pct": used_pct(each),
                "missing": ", ".join(each.missing),
            }


def _silences(simulation: Simulation) -> Iterable[Row]:
    for each in simulation.silences:
        yield {
            "symbol": str(each.symbol),
            "first": each.first.ns,
            "last": each.last.ns,
            "cycles": each.cycles,
            "reason": each.reason.code.value,
            "words": reason_words(each.reason, simulation.policy_set),
        }


def _fills(simulation: Simulation) -> Iterable[Row]:
    for fill in simulation.fills:
        yield {
            "time": fill.time.ns,
            "symbol": str(fill.symbol),
            "side": fill.wish.side.value,
            "quantity": float(fill.quantity),
            "price": float(fill.price),
            "fee": float(fill.fee),
            "maker": fill.maker,
            "slippage": float(fill.slippage),
            "client_order_id": fill.client_order_id,
        }


def _trades(simulation: Simulation) -> Iterable[Row]:
    for trade in trades_of(simulation.fills):
        yield {
            "symbol": str(trade.symbol),
            "strategy": trade.strategy,
            "opened": trade.opened.ns,
            "closed": _ns(trade.closed),
            "paid": float(trade.paid),
            "received": float(trade.received),
            "fees": float(trade.fees),
            "result_usd": _float(trade.result),
            "result_pct": _float(trade.result_pct),
            "held_s": trade.held_s,
            "why": trade.reason,
            "left_by": trade.left_by,
        }


def _cycles(simulation: Simulation) -> Iterable[Row]:
    series = simulation.series
    columns = (series.times, series.equity, series.cash, falls_pct(series), series.states)
    for time, equity, cash, fall, state in zip(*columns, strict=True):
        known = None if isnan(equity) else equity
        yield {
            "time": time,
            "equity_usd": known,
            "cash_usd": cash,
            "drawdown_pct": fall,
            "state": state,
        }


def _held(simulation: Simulation) -> Iterable[Row]:
    series = simulation.series
    for symbol, values in series.exposure.items():
        for time, value in zip(series.times, values, strict=True):
            if value:
                yield {
                    "time": time,
                    "symbol": symbol,
                    "value_usd": None if isnan(value) else value,
                }


def _rules(simulation: Simulation) -> Iterable[Row]:
    near = {each.count.rule: each for each in distances(simulation)}
    for each in simulation.rules:
        distance = near.get(each.rule)
        yield {
            "rule": each.rule,
            "role": each.role.value,
            "stage": each.stage,
            "asked": each.asked,
            "held": each.held,
            "failed": each.failed,
            "undecided": each.undecided,
            "fired": each.fired,
            "bound": each.bound,
            "nearest_pct": None if distance is None else distance.nearest_pct,
            "nearest_at": None if distance is None else _ns(distance.nearest_at),
            "untested": None if distance is None else distance.untested,
        }


def _followed(simulation: Simulation) -> Iterable[Row]:
    for each in follow(simulation):
        yield {
            "time": each.order.time.ns,
            "symbol": str(each.order.intent.symbol),
            "strategy": each.order.intent.strategy,
            "refused_by": ", ".join(each.refused_by),
            "times": each.times,
            "left": each.left.ns,
            "why": each.why,
            "result_usd": float(each.result),
        }


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _ns(moment: UtcTime | None) -> int | None:
    return None if moment is None else moment.ns
