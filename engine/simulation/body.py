"""A simulation as JSON: everything that it found, the same bytes for the same terms.

In: a `Simulation`. Out: a body of plain values; Decimals as text, times as UTC instants, series
thinned (lowest, highest and last of each stretch). Fields are added, never renamed.
"""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from engine.cycle.records.order_bodies import reason_bodies
from engine.cycle.records.telling import reason_words
from engine.ledger.bodies import written
from engine.model.times import UtcTime
from engine.simulation.blame import blamed, culprits, silent_cycles
from engine.simulation.distance import distances, never_fired
from engine.simulation.figures import days_of, falls_pct, figures_of
from engine.simulation.latches import alerts, trips
from engine.simulation.saved import estimates, follow
from engine.simulation.thinning import kept
from engine.simulation.trades import trades_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from engine.ledger.bodies import Body, Json
    from engine.simulation.distance import Distance
    from engine.simulation.figures import Day, Drawdown, Figures
    from engine.simulation.latches import Stretch
    from engine.simulation.result import FillTold, OrderTold, Simulation
    from engine.simulation.saved import Estimate, Followed
    from engine.simulation.trades import Trade

FORMAT = "mandate/simulation/v1"
_POINTS = 3_000
_CENTS = 2
_DIGITS = 4


def simulation_body(simulation: Simulation) -> Body:
    """The whole of it."""
    followed = follow(simulation)
    policy_set = simulation.policy_set
    return {
        "format": FORMAT,
        "policy_set": {"name": policy_set.name, "hash": policy_set.hash},
        "mode": simulation.mode.value,
        "terms": _terms(simulation),
        "recording": _recording(simulation),
        "first": str(simulation.first),
        "last": str(simulation.last),
        "cycles": simulation.cycles,
        "stepped": simulation.stepped,
        "skipped_s": simulation.skipped_s,
        "decision_stream": simulation.stream_hash,
        "figures": figures_body(figures_of(simulation)),
        "days": [_day(each) for each in days_of(simulation)],
        "series": _series(simulation),
        "trades": [_trade(each) for each in trades_of(simulation.fills)],
        "orders": [_order(each, simulation) for each in simulation.orders],
        "fills": [_fill(each) for each in simulation.fills],
        "denials": [
            {"by": b.what, "orders": b.orders, "alone": b.alone, "asked_usd": written(b.asked_usd)}
            for b in blamed(simulation)
        ],
        "silences": [{"why": why, "cycles": count} for why, count in silent_cycles(simulation)],
        "breakers": [_stretch(each) for each in trips(simulation.events)],
        "alerts": [_stretch(each) for each in alerts(simulation.events)],
        "rules": _rules(simulation),
        "never_fired": [each.rule for each in never_fired(simulation)],
        "estimate": {
            "is": "an estimate: denied entries followed to the exit of their plans",
            "rules": [_estimate(each) for each in estimates(followed)],
            "entries": [_followed(each) for each in followed],
        },
    }


def figures_body(figures: Figures) -> Body:
    """The figures, as a baseline compares them."""
    fall = figures.drawdown
    return {
        "begun_with": _money(figures.begun_with),
        "ended_with": _money(figures.ended_with),
        "result": _money(figures.result),
        "result_pct": None if figures.result_pct is None else _short(float(figures.result_pct)),
        "realised": written(figures.realised),
        "fees": written(figures.fees),
        "slippage": written(figures.slippage),
        "turnover": written(figures.turnover),
        "drawdown_pct": 0.0 if fall is None else _short(fall.pct),
        "drawdown": None if fall is None else _drawdown(fall),
        "trades": figures.trades,
        "won": figures.won,
        "lost": figures.lost,
        "best": _money(figures.best),
        "worst": _money(figures.worst),
        "held_s": figures.held_s,
        "exposed_pct_of_time": _short(figures.exposed_pct_of_time),
        "exposure_most_pct": _short(figures.exposure_most_pct),
        "exposure_mean_pct": _short(figures.exposure_mean_pct),
    }


def _terms(simulation: Simulation) -> Body:
    terms = simulation.terms
    return {
        "equity": _money(terms.equity),
        "since": None if terms.since is None else str(terms.since),
        "until": None if terms.until is None else str(terms.until),
        "quotes": simulation.quotes_are,
        "stress": terms.stress,
        "latency_s": terms.latency_s,
    }


def _recording(simulation: Simulation) -> Body:
    report = simulation.recording.report
    return {
        "hash": simulation.recording.digest,
        "events": report.events,
        "rows": report.rows,
        "symbols": [*map(str, report.symbols)],
        "span": [*map(str, report.span)],
        "files": [
            {
                "sha256": each.sha256,
                "kind": each.kind.value,
                "rows": each.rows,
                "events": each.events,
                "ignored_columns": [*each.ignored_columns],
            }
            for each in report.files
        ],
        "defects": [
            {"kind": each.kind.value, "count": each.count, "detail": each.detail}
            for each in report.corrections
        ],
    }


def _series(simulation: Simulation) -> Body:
    series = simulation.series
    falls = falls_pct(series)
    at = kept(series.equity, _POINTS)
    return {
        "times": [str(UtcTime(series.times[place])) for place in at],
        "equity_usd": _values(series.equity, at),
        "cash_usd": _values(series.cash, at),
        "drawdown_pct": _values(falls, at, _DIGITS),
        "exposure_usd": {name: _values(own, at) for name, own in series.exposure.items()},
        "groups_usd": {name: _values(own, at) for name, own in series.groups.items()},
    }


def _values(values: Sequence[float], at: Sequence[int], digits: int = _CENTS) -> list[Json]:
    return [None if isnan(values[place]) else round(values[place], digits) for place in at]


def _order(order: OrderTold, simulation: Simulation) -> Body:
    intent, decision = order.intent, order.decision
    return {
        "time": str(order.time),
        "symbol": str(intent.symbol),
        "side": intent.side.value,
        "intent": intent.intent.value,
        "strategy": intent.strategy,
        "why": intent.reason,
        "form": intent.form.value,
        "limit_price": written(intent.limit_price),
        "asked": written(decision.asked),
        "quantity": written(decision.quantity),
        "verdict": decision.verdict.value,
        "outcome": order.outcome,
        "client_order_id": order.client_order_id,
        "resized_by": [*decision.resized_by],
        "denied_by": [*culprits(order)],
        "reasons": reason_bodies(decision),
        "words": [reason_words(each, simulation.policy_set) for each in decision.reasons],
    }


def _fill(fill: FillTold) -> Body:
    return {
        "time": str(fill.time),
        "client_order_id": fill.client_order_id,
        "symbol": str(fill.symbol),
        "side": "BUY" if fill.bought else "SELL",
        "quantity": written(fill.quantity),
        "price": written(fill.price),
        "fee": written(fill.fee),
        "maker": fill.maker,
        "slippage": written(fill.slippage),
    }


def _trade(trade: Trade) -> Body:
    return {
        "symbol": str(trade.symbol),
        "strategy": trade.strategy,
        "opened": str(trade.opened),
        "closed": None if trade.closed is None else str(trade.closed),
        "bought": written(trade.bought),
        "sold": written(trade.sold),
        "paid": written(trade.paid),
        "received": written(trade.received),
        "fees": written(trade.fees),
        "result_usd": _money(trade.result),
        "why": trade.reason,
        "left_by": trade.left_by,
    }


def _rules(simulation: Simulation) -> list[Json]:
    near = {each.count.rule: each for each in distances(simulation)}
    return [
        {
            "rule": each.rule,
            "role": each.role.value,
            "stage": each.stage,
            "asked": each.asked,
            "held": each.held,
            "failed": each.failed,
            "undecided": each.undecided,
            "fired": each.fired,
            "fired_pct": _short(each.fired_pct),
            "bound": each.bound,
            **_distance(near.get(each.rule)),
        }
        for each in simulation.rules
    ]


def _distance(distance: Distance | None) -> Body:
    if distance is None:
        return {}
    nearest, at = distance.nearest_pct, distance.nearest_at
    return {
        "nearest_pct": None if nearest is None else _short(nearest),
        "nearest_at": None if at is None else str(at),
        "nearness": [*distance.histogram],
        "untested": distance.untested,
    }


def _stretch(stretch: Stretch) -> Body:
    return {
        "name": stretch.name,
        "key": stretch.key,
        "begun": str(stretch.begun),
        "ended": None if stretch.ended is None else str(stretch.ended),
        "grade": stretch.grade,
        "text": stretch.text,
    }


def _day(day: Day) -> Body:
    return {
        "day": str(day.start)[:10],
        "equity_usd": round(day.equity, _CENTS),
        "result_usd": round(day.result, _CENTS),
        "allowed": day.allowed,
        "denied": day.denied,
        "fees_usd": written(day.fees),
    }


def _drawdown(fall: Drawdown) -> Body:
    return {
        "usd": round(fall.usd, _CENTS),
        "peak": str(fall.peak),
        "bottom": str(fall.bottom),
        "recovered": None if fall.recovered is None else str(fall.recovered),
    }


def _estimate(estimate: Estimate) -> Body:
    return {
        "rule": estimate.rule,
        "entries": estimate.entries,
        "alone": estimate.alone,
        "saved_usd": written(estimate.saved),
        "cost_usd": written(estimate.cost),
    }


def _followed(one: Followed) -> Body:
    return {
        "time": str(one.order.time),
        "symbol": str(one.order.intent.symbol),
        "strategy": one.order.intent.strategy,
        "refused_by": [*one.refused_by],
        "times": one.times,
        "left": str(one.left),
        "why": one.why,
        "result_usd": written(one.result),
    }


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else str(written(amount))


def _short(value: float) -> float:
    return round(value, _DIGITS)
