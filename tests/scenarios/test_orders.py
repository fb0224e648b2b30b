"""Accidents of the system that this replaces, as far as orders' size and identity are concerned.

Each test says what the naive engine does, as a few lines that do it, and that ours does not.
"""

from __future__ import annotations

import hashlib
from copy import deepcopy
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import pytest
from cycle.cases import judged, wish
from cycle.limit_edges import EDGES, PLENTY, decide
from cycle.small_sets import limit, set_of
from cycle.test_judge import reasons
from cycle.trading_desk import BTC, product
from fakes.bench import AT_RISK, ETH, SOL, Bench, buy
from fakes.bench import BTC as TRADED
from fakes.exchange import Answer
from policyset.sets import altered, composed, documents, shipped

from engine.cycle.facts.order import size_facts
from engine.cycle.judging.situation import Situation
from engine.kinds.waiver.document import WaiverSpec
from engine.ledger.records import RecordKind
from engine.model.decisions import Outcome, Verdict
from engine.model.orders import Intent
from engine.policyset.build import build
from engine.policyset.ceilings import Ceilings, CeilingsSpec
from engine.policyset.composing import compose

if TYPE_CHECKING:
    from engine.expr.nodes import Value
    from engine.kinds.base import Document, Plain
    from engine.ledger.state import State
    from engine.model.decisions import Decision
    from engine.policyset.policyset import PolicySet


def asked(
    policy_set: PolicySet, quantity: str, price: str, changes: dict[str, Value] | None = None
) -> Decision:
    """An entry into BTC under a shipped set, in an account with room for everything else."""
    facts = {**PLENTY, "order.side": "BUY", "order.intent": "entry", **(changes or {})}
    group: dict[str, Value] = {"group.name": "LAYER1", "portfolio.group_at_risk_usd": 0.0}
    around = Situation(facts, (group,), product(BTC), Decimal(1), ())
    return judged(policy_set, wish(quantity=quantity, price=price), around)


# A1: 2.68 USD were taken for 2.68 units.


def test_a01_dollars_taken_for_units_do_not_leave() -> None:
    """Naive: one number `size`, which a caller meant in USD and the venue took in BTC.

    Ours: the order counts at units times price, so 2.68 BTC are 7,854.76 USD to every limit, and
    its units are more than any order of the product may have.
    """

    def naive_is_small(size: float) -> bool:
        return size <= 1500

    price = "2930.88"
    assert naive_is_small(2.68)
    order = wish(quantity="2.68", price=price)
    told = size_facts(order, order.quantity, Decimal(1))
    assert told["order.notional_usd"] == pytest.approx(7854.76, abs=0.01)
    market: dict[str, Value] = {"quote.ask": 2931.0, "quote.bid": 2930.0, 'mean("15m")': 2930.0}
    decision = asked(shipped(), "2.68", price, market)
    named = {dict(each.values)["rule"] for each in decision.reasons}
    assert named == {"RiskLimit/max_order_quantity", "RiskLimit/max_order_value"}


MIXED = {
    "dollars against units": "order.notional_usd <= params.most_quantity",
    "units against dollars": "order.quantity <= params.most_usd",
    "dollars against percent": "order.notional_usd <= params.most_pct",
}


@pytest.mark.parametrize("require", MIXED.values(), ids=MIXED)
def test_a01_a_limit_that_mixes_units_does_not_load(require: str) -> None:
    """Naive: a number is a number, and 5 binds 5 of whatever it is given. Ours: M221."""
    name = require.rpartition(".")[2]
    text = limit("mixed", require, params=f"{{{name}: 5}}")
    found = compose(altered(documents(), text), "test").diagnostics
    assert "M221" in {each.code for each in found}


# A4: no size was valid, 192 times.


def test_a04_the_small_set_has_a_size_at_its_planned_equity() -> None:
    """Naive: least 0.5 % and most 2 % x 0.8 of 255 USD, and a minimum of 15: nothing lies between.

    Ours: the set for small accounts lets the size pass that its own strategies ask for.
    """
    equity = 255.0
    naive_least, naive_most = max(15.0, 0.005 * equity), 0.02 * 0.8 * equity
    assert naive_least > naive_most
    small = shipped("small")
    facts: dict[str, Value] = {"portfolio.equity_usd": equity, "order.base": "ETH"}
    decision = asked(small, "0.0250", "1000", {**facts, **quoted(1000.0)})
    assert decision.verdict is Verdict.ALLOW, reasons(decision)


def quoted(price: float) -> dict[str, Value]:
    """A quote around a price that has been there for a while."""
    return {"quote.bid": price - 0.05, "quote.ask": price + 0.05, 'mean("15m")': price}


def test_a04_a_denial_names_every_limit_that_left_nothing() -> None:
    """At 255 USD under the set for thousands: both caps and the minimum are named, once."""
    tight: dict[str, Value] = {"portfolio.equity_usd": 255.0, "portfolio.at_risk_usd": 32.0}
    decision = asked(shipped(), "0.0200", "1000", {**tight, **quoted(1000.0)})
    assert decision.resized_by == ("RiskLimit/max_position", "RiskLimit/max_total_at_risk")
    told = [dict(each.values).get("rule") for each in decision.reasons]
    assert told == ["ExecutionPolicy/orders#dust"]


def test_a04_an_entry_that_could_not_be_left_is_denied_with_its_numbers() -> None:
    """Naive: 10.10 USD pass a minimum of 10, and the stop's order of 9.64 does not, for ever."""
    value, stop_pct, least = 10.10, 5, 10.0
    assert value >= least > value * (1 - stop_pct / 100)
    coarse = product(BTC, quote_min_size=Decimal(10))
    facts = {**PLENTY, "order.side": "BUY", "order.intent": "entry"}
    around = Situation(facts, (), coarse, Decimal(1), ())
    (reason,) = judged(set_of(), wish(quantity="0.1010"), around).reasons
    assert reason.code.value == "EXIT_BELOW_MINIMUM"
    assert dict(reason.values)["least_quantity"] == "0.1059"


# A5: 5 % made 3 %, and a twin of the limit refused what the first had let through.


def test_a05_what_the_set_made_smaller_passes_the_whole_set() -> None:
    """Naive: one check cuts 5 % to 3.00 %, another asks for 2.4 % and denies. Ours: one number."""
    naive_cut, naive_twin = min(5.0, 3.0), 2.4
    assert naive_cut > naive_twin
    facts: dict[str, Value] = {"portfolio.equity_usd": 20_000.0}
    first = asked(shipped(), "0.0100", "100000", facts)
    assert (first.verdict, first.quantity) == (Verdict.RESIZE, Decimal("0.006"))
    assert first.resized_by == ("RiskLimit/max_position",)
    again = asked(shipped(), str(first.quantity), "100000", facts)
    assert (again.verdict, again.quantity) == (Verdict.ALLOW, first.quantity)


# A6: total at risk went from 15 to 95 per cent in a commit.

LOOSENED = AT_RISK.format(95)
CEILINGS = CeilingsSpec.model_validate(
    {
        "max_order_usd": 400,
        "max_position_usd": 400,
        "max_at_risk_usd": 600,
        "max_orders_1h_count": 50,
    }
)


def at_most(bench: Bench) -> Decimal:
    """What is at risk after every product was bought for as much as the set allows."""
    for symbol in (TRADED, ETH, SOL):
        bench.wait(3700)
        bench.place(buy(symbol, "290"))
    worth = bench.desk.valuation.at_risk(bench.state)
    assert worth is not None
    return worth


def test_a06_a_loosened_set_does_not_raise_its_ceilings() -> None:
    """Naive: the cap is the number in the set, and whoever edits the set has edited the cap.

    Ours: the set of 95 % lets three positions through, the ceilings outside of it two.
    """
    assert at_most(Bench((LOOSENED,))) > 800
    bench = Bench((LOOSENED,))
    bench.desk.ceilings = Ceilings("account", "0" * 64, CEILINGS)
    assert at_most(bench) <= 600
    ended = [str(each["reason"]) for each in bench.bodies(RecordKind.CANCELLED)]
    assert len(ended) == 1
    assert ended[0].startswith("ceiling max_at_risk_usd: 8")


def test_a06_no_waiver_reaches_a_ceiling() -> None:
    """An exception names a rule of the set; a ceiling is none."""
    pattern = WaiverSpec.model_fields["rule"].metadata
    assert "Ceilings" not in str(pattern)
    assert "CircuitBreaker" not in str(pattern)


# A10: a threshold was edited, and a literal in the code was used.


def _scaled(value: Plain, by: Decimal) -> Plain:
    match value:
        case dict():
            return {key: _scaled(each, by) for key, each in value.items()}
        case Decimal():
            return value * by
        case _:
            return value


@cache
def set_times(by: Decimal) -> PolicySet:
    """The shipped set with every number of its limits, guards and budgets multiplied."""
    return composed([_times(each, by) for each in documents()])


def _times(document: Document, by: Decimal) -> Document:
    field = {"RiskLimit": "params", "ExecutionPolicy": "params", "Strategy": "budget"}
    plain = deepcopy(dict(document.plain))
    spec, name = plain["spec"], field.get(document.kind)
    assert isinstance(spec, dict)
    if name not in spec:
        return document
    spec[name] = _scaled(spec[name], by)
    built = build(plain, document.places)
    assert built.document is not None, built.diagnostics
    return built.document


def _says(rule: str, by: Decimal, *, beyond: bool) -> Outcome:
    decision = decide(EDGES[rule], beyond=beyond, policy_set=set_times(by))
    (outcome,) = (each.outcome for each in decision.evaluations if each.rule == rule)
    return outcome


# Rules that compare two facts, or ask for a state: there is no number to edit.
WITHOUT_A_NUMBER = {
    "ExecutionPolicy/orders#product_status",
    "ExecutionPolicy/orders#two_sided",
    "RiskLimit/cash_available",
    "RiskLimit/no_self_match",
}


@pytest.mark.parametrize("rule", sorted({*EDGES} - WITHOUT_A_NUMBER))
def test_a10_every_number_of_the_set_moves_its_verdict(rule: str) -> None:
    """Naive: `MAX = 3` in the code beside the document.

    Ours: with the document's number taken to nothing, or doubled, what passed at the limit is
    refused, and the other way what was refused beyond it passes.
    """
    nothing, twice = Decimal(0), Decimal(2)
    at = [_says(rule, by, beyond=False) for by in (nothing, twice)]
    assert Outcome.BREACH in at
    if at != [Outcome.BREACH, Outcome.BREACH]:
        assert Outcome.PASS in [_says(rule, by, beyond=True) for by in (nothing, twice)]


# A13: one product's cool-down refused the whole batch.

OF_ONE_PRODUCT = sorted(rule for rule in EDGES if "cooldown" in rule or "symbol_gap" in rule)


@pytest.mark.parametrize("rule", OF_ONE_PRODUCT)
def test_a13_a_pause_of_one_product_is_no_pause_of_the_next(rule: str) -> None:
    """Naive: `if any(cooling): return []`. Ours: each order is judged by its product's facts."""
    edge = EDGES[rule]
    batch = [decide(edge, beyond=True), decide(edge, beyond=False)]
    assert [each.verdict for each in batch] == [Verdict.DENY, Verdict.ALLOW]
    (found,) = (each for each in shipped().rules if each.id == rule)
    assert found.scope.value == "symbol"


# A21: the order's id was a hash of symbol, side, size and minute.

TWICE = """
kind: RiskLimit
metadata: {name: no_duplicates, description: Two equal wishes are two wishes., control: C11}
spec:
  scope: order
  intents: [entry, add]
  on_breach: deny
  stage: enforce
  unlimited: true
  reason: to see what identifies an order when no limit stands between
"""


def naive_id(symbol: object, side: str, size: object, second: int) -> str:
    """The id as it was made there."""
    return hashlib.sha256(f"{symbol}|{side}|{size}|{second // 60}".encode()).hexdigest()


def restart(bench: Bench) -> State:
    """Begin anew from the records alone, as a process does that was killed."""
    bench.desk.recorder.state = bench.replayed()
    return bench.state


def test_a21_two_equal_wishes_in_one_second_are_two_orders() -> None:
    """Naive: one id for both, so the second never exists.

    Ours: an id for each intent's number, and the next one after a restart is another again.
    """
    assert naive_id("BTC-USD", "BUY", 1, 5) == naive_id("BTC-USD", "BUY", 1, 5)
    bench = Bench((TWICE,))
    ids = [bench.place(buy()).client_order_id for _ in range(2)]
    state = restart(bench)
    assert state.next_intent == 3
    ids.append(bench.place(buy()).client_order_id)
    assert len({*ids}) == 3
    assert [each.client_order_id for each in bench.venue.received] == ids
    assert [each.client_order_id for each in bench.state.working.values()] == ids


@pytest.mark.parametrize("answer", [Answer.LOSE_RESPONSE, Answer.LOSE_REQUEST])
def test_a21_a_retry_storm_over_the_minute_sends_nothing_twice(answer: Answer) -> None:
    """Naive: a retry in the next minute has another id, and is a second order.

    Ours: an order whose fate nobody knows is looked up and never sent again, by cycles, ticks and
    restarts alike.
    """
    assert naive_id("BTC-USD", "BUY", 1, 59) != naive_id("BTC-USD", "BUY", 1, 61)
    bench = Bench((TWICE,))
    bench.wait(40)
    bench.venue.answers = [answer]
    first = bench.place(buy())
    assert first.outcome.startswith("unknown")
    for _ in range(5):
        restart(bench)
        bench.wait(9)
        bench.tick()
        bench.cycle()
    sent = [each for each in bench.venue.received if each.intent.symbol == TRADED]
    assert [each.client_order_id for each in sent] == [first.client_order_id]


def test_a21_the_same_intent_has_the_same_id_in_every_process() -> None:
    """Two ledgers of one beginning give like wishes one id: no time, price or size is in it."""
    one, two = Bench(), Bench()
    two.wait(30)
    ids = [one.place(buy(value="100")).client_order_id, two.place(buy(value="55")).client_order_id]
    assert ids[0] == ids[1]
    assert Intent.ENTRY is one.venue.received[0].intent.intent
