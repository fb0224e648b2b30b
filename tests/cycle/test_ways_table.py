"""What may leave, and in which form: every state of trading, status of a product and intent.

`STATES` says who stops whom, `FORMS_OF` which form an order takes that nobody stops. Every cell
of their product is tried over the real pricing, judge, ledger and wire gate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import DEPLOYMENT, breaker, set_of
from cycle.trading_desk import BTC, PLAN, Bench, done

from engine.cycle.orders import sending
from engine.cycle.orders.sending import Wish
from engine.cycle.steps import breakers
from engine.ledger.records import RecordKind
from engine.ledger.state import Membership
from engine.model.market import ProductStatus
from engine.model.orders import Intent

if TYPE_CHECKING:
    from engine.cycle.desk import Round
    from engine.ledger.bodies import Body

LADDERS = """
kind: ExecutionPolicy
metadata: {name: orders, description: A ladder for each column of the table.}
spec:
  ladders:
    entry: [{order: limit_ioc, collar_bps: 10}]
    exit: [{order: post_only, time_to_live: 15s}]
    exit_stop: [{order: limit_ioc, collar_bps: 50}, {order: market_ioc}]
    trim: [{order: limit_ioc, collar_bps: 50}]
  reconcile:
    scan_every: 5m
    look_back: 24h
    settles_within_s: 0
    slack: {balance_usd: 0.01, fill_usd: 0.2, fill_pct: 2, fee_usd: 0.01}
    accept_transfers_usd: 0
"""
OUTAGE = f"{DEPLOYMENT.rstrip()}\n  on_ledger_outage: {{do: halt_entries, after: 10s}}\n"
DOUBT = breaker("doubt", "regime.volatility_pct > 50")

# The form of each intent in a product of each status; "-": the product does not take it.
FORMS_OF = """
            online   post_only  limit_only  cancel_only  halted
entry       ioc      -          ioc         -            -
add         ioc      -          ioc         -            -
exit        post     post       post        -            -
stop        ioc      post       ioc         -            -
last_stop   market   post       ioc         -            -
trim        ioc      post       ioc         -            -
purge       ioc      post       ioc         -            -
liquidate   ioc      post       ioc         -            -
"""

# What stops orders that add risk, that reduce it, and a person's liquidate; "." lets them pass.
STATES = """
                        adding              reducing            liquidating
active                  .                   .                   .
reducing                BREAKER_TRIPPED     .                   .
reducing_here           BREAKER_TRIPPED     .                   .
reducing_elsewhere      .                   .                   .
killed                  HALTED              HALTED              HALTED
halted_by_operator      HALTED              HALTED              .
halted_by_latch         HALTED              HALTED              .
halted_here             HALTED              HALTED              .
halted_elsewhere        .                   .                   .
breaker_in_doubt        BREAKER_UNDECIDED   .                   .
maintenance             MAINTENANCE         .                   .
not_in_universe         NOT_IN_UNIVERSE     .                   .
ledger_not_durable      LEDGER_NOT_DURABLE  LEDGER_NOT_DURABLE  LEDGER_NOT_DURABLE
ledger_behind           LEDGER_BEHIND       .                   .
lease_lost              gate                gate                gate
killed_at_the_wire      gate                gate                gate
"""


def rows(table: str) -> dict[str, dict[str, str]]:
    """A table by its first column, each row by the table's head."""
    head, *lines = (line.split() for line in table.strip().splitlines())
    return {line[0]: dict(zip(head, line[1:], strict=True)) for line in lines}


FORMS, WHO = rows(FORMS_OF), rows(STATES)
ADDING = {"entry", "add"}
COLUMNS = {"entry": "adding", "add": "adding", "liquidate": "liquidating"}
WORDS = {"post_only": "post", "limit_ioc": "ioc", "market_ioc": "market"}


@dataclass
class Desk:
    """A desk that holds two units in a state of the table."""

    bench: Bench
    this: Round

    def ordered(self, intent: str) -> str:
        """What became of one intent: its form where it was sent, else the word that stopped it."""
        if intent == "liquidate":
            self.bench.record(RecordKind.OPERATOR_COMMAND, LIQUIDATE)
        told = done(sending.place(self.bench.desk, self.this, WISHES[intent]))
        if told is None:
            return self.this.blockers[BTC].code.value
        if told.outcome == "sent":
            return WORDS[self.bench.venue.sent[-1].intent.form.value]
        if told.outcome.startswith("not sent"):
            return "gate"
        return told.decision.reasons[0].code.value


def _wish(intent: Intent, ladder: str, rung: int = 0) -> Wish:
    plan = PLAN if intent.adds_risk else None
    one = Decimal(1)
    return Wish(BTC, intent, ladder, "follower", "a test", quantity=one, plan=plan, rung=rung)


WISHES = {
    "entry": _wish(Intent.ENTRY, "entry"),
    "add": _wish(Intent.ADD, "entry"),
    "exit": _wish(Intent.EXIT, "exit"),
    "stop": _wish(Intent.EXIT, "exit_stop"),
    "last_stop": _wish(Intent.EXIT, "exit_stop", 1),
    "trim": _wish(Intent.TRIM, "trim"),
    "purge": _wish(Intent.PURGE, "trim"),
    "liquidate": _wish(Intent.EXIT, "exit_stop"),
}


LIQUIDATE: Body = {
    "command": "liquidate",
    "target": "BTC-USD",
    "who": "anna",
    "why": "a test",
    "outcome": "liquidating BTC-USD",
}


def latched(bench: Bench, while_tripped: str, key: str) -> None:
    """Trip a breaker by its record."""
    body = {
        "breaker": "by_hand",
        "key": key,
        "scope": "symbol" if key else "account",
        "while_tripped": while_tripped,
        "text": "a test",
        "cancel": "none",
        "on_trip": "none",
        "rearm_not_before": str(bench.now),
        "high_water_mark": "keep",
    }
    bench.record(RecordKind.BREAKER_TRIPPED, body)  # type: ignore[arg-type] # values are JSON


LATCHES = {
    "reducing": ("reducing", ""),
    "reducing_here": ("reducing", "BTC-USD"),
    "reducing_elsewhere": ("reducing", "ETH-USD"),
    "halted_by_latch": ("halted", ""),
    "halted_here": ("halted", "BTC-USD"),
    "halted_elsewhere": ("halted", "ETH-USD"),
}


def desk_in(state: str, status: str) -> Desk:
    """A desk with two units of BTC, brought into the state as production brings it there."""
    more = {"breaker_in_doubt": (DOUBT,), "ledger_behind": (OUTAGE,)}
    bench = Bench(set_of(LADDERS, *more.get(state, ())))
    bench.hold(BTC, "2", "100")
    bench.quote(BTC)
    bench.desk.products[BTC] = replace(bench.desk.products[BTC], status=ProductStatus(status))
    if state in LATCHES:
        latched(bench, *LATCHES[state])
    if state == "halted_by_operator":
        bench.record(RecordKind.HALT, {"reason": "a test", "who": "anna"})
    bench.killed = "a test" if state == "killed" else None
    this = bench.round()
    this.universe = {} if state == "not_in_universe" else {BTC: Membership("core")}
    this.maintenance = "02:00-03:00 UTC" if state == "maintenance" else None
    breakers.run(bench.desk, this)
    bench.desk.recorder.healthy = state != "ledger_not_durable"
    bench.desk.ledger_lag_s = lambda: 99.0 if state == "ledger_behind" else 0.0
    bench.desk.lease_held = lambda: state != "lease_lost"
    if state == "killed_at_the_wire":
        bench.killed = "a test"
    return Desk(bench, this)


def expected(state: str, status: str, intent: str) -> str:
    """The cell: who stops the order comes before what its product takes, the wire after."""
    stopped = WHO[state][COLUMNS.get(intent, "reducing")]
    form = FORMS[intent][status]
    if stopped == ".":
        return "PRODUCT_NOT_TRADABLE" if form == "-" else form
    if stopped == "gate" and form == "-":
        return "PRODUCT_NOT_TRADABLE"
    return stopped


@pytest.mark.parametrize("status", [each.value for each in ProductStatus])
@pytest.mark.parametrize("state", WHO)
def test_every_cell_is_as_the_tables_say(state: str, status: str) -> None:
    """For each intent: sent in the form of the table, or stopped by the word of the table."""
    desk = desk_in(state, status)
    found = {intent: desk.ordered(intent) for intent in WISHES}
    assert found == {intent: expected(state, status, intent) for intent in WISHES}


@pytest.mark.parametrize("state", WHO)
def test_nothing_is_ordered_of_a_product_that_nobody_knows(state: str) -> None:
    """Without its increments no order can be written down, whatever the state."""
    desk = desk_in(state, "online")
    del desk.bench.desk.products[BTC]
    assert {desk.ordered(intent) for intent in WISHES} == {"PRODUCT_UNKNOWN"}
    assert desk.bench.venue.sent == []


def test_exactly_four_things_stop_an_exit() -> None:
    """HALTED or the switch, a ledger that is not durable, a lost lease, an untradable product."""
    stoppers = {row["reducing"] for row in WHO.values()} - {"."}
    assert stoppers == {"HALTED", "LEDGER_NOT_DURABLE", "gate"}
    for intent in set(WISHES) - ADDING:
        untaken = {status for status, form in FORMS[intent].items() if form == "-"}
        assert untaken == {"cancel_only", "halted"}
