"""Orders that a person is asked about: the question, the answer, and the orders that it let go.

In: the records of them. Out: `state.asks`, by number; what is answered and over is forgotten.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.alerts import ToldAlert
from engine.ledger.folding import alerts
from engine.model.notices import News
from engine.model.orders import Intent
from engine.model.supervision import Answer, Answered, Ask
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.ledger.bodies import Json
    from engine.ledger.state import State
    from engine.model.times import UtcTime

RULE = "order"
"""What such a notice is about: no rule of any set, but an order."""


def asked(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """A question is put; whoever has to hear of it is told."""
    state.asks = {n: e for n, e in state.asks.items() if e.open or time < e.over}
    number = bodies.whole(body, "ask")
    symbol = Symbol.parse(bodies.text(body, "symbol"))
    state.next_ask = number + 1
    state.asks[number] = Ask(
        number=number,
        symbol=symbol,
        intent=Intent(bodies.text(body, "why")),
        strategy=bodies.text(body, "strategy"),
        reason=bodies.text(body, "reason"),
        quantity=bodies.number(body, "quantity"),
        worst_price=bodies.number(body, "worst_price"),
        policy_set=bodies.text(body, "policy_set"),
        since=time,
        until=bodies.moment(body, "until"),
    )
    if "notice" in body:
        told = ToldAlert(time, News.ASKED, time, "critical", bodies.text(body, "words"), ())
        to = tuple(bodies.texts(body, "to"))
        alerts.post(state, (RULE, str(symbol)), told, to, bodies.whole(body, "notice"))


def answered(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Somebody said yes or no, or nobody anything; what waited to be told of it need not be."""
    number = bodies.whole(body, "ask")
    ask = state.asks.get(number)
    if ask is None:
        return
    said = Answered(
        Answer(bodies.text(body, "answer")),
        time,
        bodies.text(body, "who"),
        bodies.text(body, "reason"),
        bodies.moment(body, "holds_until"),
    )
    state.asks[number] = replace(ask, answered=said)


def used(state: State, body: Mapping[str, Json]) -> None:
    """An order is intended that a yes let go."""
    number, ask = bodies.whole(body, "intent"), None
    if isinstance(body.get("ask"), int):
        ask = state.asks.get(bodies.whole(body, "ask"))
    if ask is not None:
        state.asks[ask.number] = replace(ask, orders=(*ask.orders, number))
