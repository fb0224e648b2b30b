"""`trader flow` at the loop: what the venue shows is booked, and nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fakes.bench import Bench

from engine.cycle.clockwork import Command
from engine.ledger.records import RecordKind


def say(bench: Bench, told: str) -> str:
    """A person's command, and what came of it."""
    bench.tick(Command("flow", told, "ann", "deposit: savings"))
    return str(bench.bodies(RecordKind.OPERATOR_COMMAND)[-1]["outcome"])


ROWS = {
    "all of a deposit": ("2000", "2000 USD", "booked", True),
    "a part of it": ("2000", "500 USD", "booked; 1500 is still unexplained", True),
    "a withdrawal": ("-300", "-300 USD", "booked", True),
    "more than there is": (
        "2000",
        "2001 USD",
        "refused: the venue shows 2000 USD that nobody explained",
        False,
    ),
    "the wrong way": (
        "2000",
        "-2000 USD",
        "refused: the venue shows 2000 USD that nobody explained",
        False,
    ),
    "another currency": (
        "2000",
        "1 BTC",
        "refused: the venue shows 0 BTC that nobody explained",
        False,
    ),
    "nothing": ("2000", "0 USD", "refused: the venue shows 2000 USD that nobody explained", False),
    "no number": ("2000", "much USD", "refused: `much USD` is no amount of a currency", False),
}


@pytest.mark.parametrize(("paid", "told", "outcome", "booked"), ROWS.values(), ids=ROWS)
def test_only_what_the_venue_shows_is_booked(
    paid: str, told: str, outcome: str, *, booked: bool
) -> None:
    """An invented deposit would be invented equity; a part of what is there may be said."""
    bench = Bench()
    bench.venue.pay(paid)
    bench.absorb()
    assert say(bench, told) == outcome
    flows = bench.bodies(RecordKind.CASH_FLOW)
    assert len(flows) == int(booked)
    if booked:
        assert (flows[0]["who"], flows[0]["why"]) == ("ann", "deposit: savings")
        bench.absorb()
        left = Decimal(paid) - Decimal(told.split(" ", maxsplit=1)[0])
        assert bench.state.away == ({"USD": left} if left else {})


def test_the_same_word_twice_is_booked_once() -> None:
    """Before the next comparison the same difference cannot be said again."""
    bench = Bench()
    bench.venue.pay("2000")
    bench.absorb()
    assert say(bench, "2000 USD") == "booked"
    assert say(bench, "2000 USD").startswith("refused")
    assert bench.state.cash["USD"] == Decimal(12_000)


def test_a_confirmed_flow_is_no_result_and_ends_the_mismatch() -> None:
    """The account is worth more, and nothing was won; the transfer is seen."""
    bench = Bench()
    bench.cycle()
    bench.wait(60)
    bench.venue.pay("5000")
    bench.cycle()
    say(bench, "5000 USD")
    bench.wait(60)
    this = bench.cycle()
    assert this.account["portfolio.equity_usd"] == 15_000.0
    assert this.account["portfolio.pnl_day_pct"] == pytest.approx(0.0)
    assert this.account["data.reconcile_mismatch_count"] == 0.0
    assert bench.state.transfers_seen == {"transfer-1"}


def test_a_new_process_still_knows_what_differs() -> None:
    """The difference is in the ledger: a command that waited for the start is carried out."""
    bench = Bench()
    bench.venue.pay("2000")
    bench.absorb()
    bench.desk.comparing.proposals.clear()
    assert bench.replayed().away == {"USD": Decimal(2000)}
    assert say(bench, "2000 USD") == "booked"
