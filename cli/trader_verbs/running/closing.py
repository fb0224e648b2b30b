"""The summary of a run: money, orders, what was refused and why, and what to look at next.

In: a session that has ended, and its tally. Out: text. Money is worked out from the ledger's
state by the engine's own valuation; nothing here is an estimate.
"""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

from cli.trader_verbs.shown import (
    average,
    clock,
    columns,
    counted,
    exact,
    lasting,
    money,
    percent,
    signed,
)
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from cli.trader_verbs.running.tally import Tally
    from engine.model.portfolio import Position
    from engine.run import Session

_CAUSES_SHOWN = 8


def summary(session: Session, tally: Tally) -> str:
    """The whole summary, sections apart by a blank line."""
    last = session.state.last_cycle
    until = f", until {clock(last)} UTC" if last is not None else ""
    sections = [
        f"{counted(tally.cycles, 'cycle')} run{until}\n",
        _money(session, tally),
        _positions(session),
        _orders(tally),
        _refusals(tally),
        _watch(session, tally),
        _where(session),
        _next(session, tally),
    ]
    return "\n" + "\n".join(section for section in sections if section)


def _money(session: Session, tally: Tally) -> str:
    state, valuation = session.state, session.desk.valuation
    equity = valuation.equity(state)
    start = _start(session)
    change = None if equity is None or start is None else equity - start
    share = None if change is None or not start else 100 * change / start
    cash = [(f"cash {name}", money(units), "") for name, units in _currencies(session)]
    rows = [
        *cash,
        ("equity", money(equity), f"{percent(share)} since the ledger's genesis"),
        ("result", signed(change), "after fees"),
        ("realised", signed(state.realised), "by what was sold, after the fees of both sides"),
        ("fees", money(state.fees), ""),
        ("worst drawdown", f"{tally.worst_drawdown_pct:.2f} %", "of this run's highest equity"),
    ]
    return f"money (in {session.policy_set.deployment.numeraire})\n" + columns(rows, right=(1,))


def _currencies(session: Session) -> list[tuple[str, Decimal]]:
    """Cash: what pays for products; what was bought shows among the positions."""
    bases = {each.symbol.base for each in session.state.held()}
    return [(n, u) for n, u in sorted(session.state.cash.items()) if n not in bases and u]


def _start(session: Session) -> Decimal | None:
    rate = session.desk.valuation.rate
    parts = [(units, rate(name)) for name, units in session.state.genesis_cash.items()]
    known = [units * each for units, each in parts if each is not None]
    return sum(known, ZERO) if len(known) == len(parts) else None


def _positions(session: Session) -> str:
    held = session.state.held()
    if not held:
        return "positions\n  none\n"
    return "positions\n" + columns([_position(session, each) for each in held], right=(1, 3, 4))


def _position(session: Session, held: Position) -> tuple[str, ...]:
    value = session.desk.valuation.position(session.state, held.symbol)
    rate = session.desk.valuation.rate(held.symbol.quote)
    result = None if value is None or rate is None else value - held.cost * rate
    share = None if result is None or rate is None else 100 * result / (held.cost * rate)
    return (
        str(held.symbol),
        exact(held.quantity),
        f"bought at {average(held.entry_price)}",
        f"worth {money(value)}",
        signed(result),
        percent(share),
        f"strategy {held.strategy}",
    )


def _orders(tally: Tally) -> str:
    rows = [
        ("sent", f"{tally.sent:,}", ""),
        ("filled", f"{len(tally.filled_orders):,}", f"in {counted(tally.fills, 'execution')}"),
        ("rejected", f"{tally.rejected:,}", "by the venue"),
        ("denied", f"{tally.denied:,}", "by the policy set"),
    ]
    if tally.would_send:
        rows.insert(0, ("would send", f"{tally.would_send:,}", "dry run: nothing was sent"))
    if tally.unknown:
        rows.append(("unknown", f"{tally.unknown:,}", "outcome not known when sent"))
    if tally.not_sent:
        rows.append(("not sent", f"{tally.not_sent:,}", "stopped at the wire"))
    return "orders\n" + columns(rows, right=(1,))


def _refusals(tally: Tally) -> str:
    if not tally.causes:
        return ""
    top = tally.causes.most_common(_CAUSES_SHOWN)
    rows = [(f"{count:,}", code, subject) for (code, subject), count in top]
    more = len(tally.causes) - len(top)
    rest = f"  and {counted(more, 'other reason')}\n" if more else ""
    return "why orders were denied (an order may have several reasons)\n" + (
        columns(rows, right=(0,)) + rest
    )


def _watch(session: Session, tally: Tally) -> str:
    fired = [_times(name, count) for name, count in sorted(tally.alerts.items())]
    trips = [_times(name, count) for name, count in sorted(Counter(tally.tripped).items())]
    rows = [
        *_listed("breakers tripped", trips),
        *_listed("still tripped", _latches(session)),
        *_listed("alerts fired", fired),
    ]
    if session.desk.shadow is not None:
        told = f"differs in {tally.shadowed:,} of {counted(tally.decisions, 'decision')}"
        rows.append((f"shadow {session.desk.shadow.policy_set.name}", told))
    if session.skipped:
        seconds = sum(each.end.since_s(each.start) for each in session.skipped)
        told = f"{counted(len(session.skipped), 'silence')}, {lasting(seconds)} without any quote"
        rows.append(("skipped", told))
    return "watch\n" + columns(rows)


def _listed(title: str, names: list[str]) -> list[tuple[str, str]]:
    """A name a line: they are as long as people make them."""
    first, *others = names or ["none"]
    return [(title, first), *(("", each) for each in others)]


def _times(name: str, count: int) -> str:
    return name if count == 1 else f"{name}, {count} times"


def _latches(session: Session) -> list[str]:
    return [f"{name}:{key}" if key else name for name, key in sorted(session.state.latches)]


def _where(session: Session) -> str:
    rows = [("where", str(session.settings.ledger))]
    if session.shared is not None:
        rows.append(("shared at", str(session.shared.address)))
    last = session.desk.recorder.last
    if last is not None:
        rows.append(("last record", f"{last.sequence:,}"))
        rows.append(("its hash", last.hash))
    return "ledger\n" + columns(rows)


def _next(session: Session, tally: Tally) -> str:
    ledger = shlex.quote(str(session.settings.ledger))
    symbol = tally.most_denied or str(session.symbols[0])
    orders = [f"trader audit show {tally.last_order} --ledger {ledger}"] if tally.last_order else []
    beside = [f"trader report shadow --ledger {ledger}"] if tally.shadowed else []
    rows = [
        *((words, "the story of an order") for words in orders),
        *((words, "where the second set differs, and its cost") for words in beside),
        (f"trader why {symbol} --ledger {ledger}", "what stood in a product's way"),
        (f"trader status --ledger {ledger}", "what is armed, tripped and held"),
        (f"trader audit verify --ledger {ledger}", "that the ledger is what was written"),
        (f"trader audit rejudge --ledger {ledger}", "that every decision comes out the same"),
    ]
    return "next\n" + columns(rows)
