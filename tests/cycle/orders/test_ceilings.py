"""Ceilings: at the last step, at the final quantity, whatever set, overlay or waiver says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.bench import BTC, ETH, Bench, buy, sell

from engine.cycle.orders import sending
from engine.cycle.orders.ceilings import ceilings_body, refusal
from engine.cycle.rejudge import rejudge
from engine.errors import MandateError
from engine.ledger.records import RecordKind
from engine.model.symbols import Symbol
from engine.policyset.ceilings import Ceilings, CeilingsSpec, load_ceilings

if TYPE_CHECKING:
    from pathlib import Path

    from engine.cycle.desk import Told

MOST = {
    "max_order_usd": 120,
    "max_position_usd": 200,
    "max_at_risk_usd": 300,
    "max_orders_1h_count": 3,
}
TEXT = """\
apiVersion: mandate/v1
kind: Ceilings
metadata: {name: account, description: What no set can raise., owner: risk}
spec:
  max_order_usd: 120
  max_position_usd: 200
  max_at_risk_usd: 300
  max_orders_1h_count: 3
"""


def under(**most: int) -> Bench:
    """A bench whose desk keeps ceilings, with these changes."""
    bench = Bench()
    spec = CeilingsSpec.model_validate({**MOST, **most})
    bench.desk.ceilings = Ceilings("account", "0" * 64, spec)
    return bench


def test_what_fits_under_every_ceiling_leaves() -> None:
    """Exactly at a ceiling an order is sent."""
    bench = under(max_order_usd=100)
    told = bench.place(buy(value="100"))
    assert told.outcome == "sent"


def held_and(bench: Bench, symbol: Symbol, value: str) -> Told:
    """One more order, an hour after something was bought."""
    bench.wait(3700)
    return bench.place(buy(symbol, value))


BEYOND = {
    "one order": (lambda b: b.place(buy(value="121")), "ceiling max_order_usd: 1"),
    "a position": (
        lambda b: (b.hold(BTC, "110"), held_and(b, BTC, "110"))[1],
        "ceiling max_position_usd: 2",
    ),
    "all positions": (
        lambda b: (b.hold(BTC, "110"), b.wait(3700), b.hold(ETH, "110"), held_and(b, SOL, "110"))[
            -1
        ],
        "ceiling max_at_risk_usd: 3",
    ),
}
SOL = Symbol("SOL", "USD")


@pytest.mark.parametrize(("act", "why"), BEYOND.values(), ids=BEYOND)
def test_beyond_a_ceiling_nothing_leaves(act: object, why: str) -> None:
    """Allowed by the set and recorded as allowed, it ends at the gate with its numbers."""
    bench = under()
    told = act(bench)  # type: ignore[operator] # a row of the table
    before = len(bench.venue.received)
    assert told.decision.verdict.allowed
    assert told.outcome.startswith(f"not sent: {why}")
    assert " > " in told.outcome
    ended = bench.bodies(RecordKind.CANCELLED)[-1]
    assert str(ended["reason"]).startswith(why)
    assert told.intent.number not in bench.state.working
    assert len(bench.venue.received) == before
    assert rejudge(bench.desk.recorder._journal.records()).agrees


def test_orders_of_an_hour_are_counted_to_the_last() -> None:
    """The third order of the hour leaves, the fourth does not; an hour later one does again."""
    bench = under(max_order_usd=10, max_position_usd=100, max_orders_1h_count=3)
    outcomes = []
    for symbol in (BTC, ETH, SOL, BTC):
        bench.wait(61)
        outcomes.append(bench.place(buy(symbol, "5")).outcome)
    assert outcomes[:3] == ["sent"] * 3
    assert outcomes[3].startswith("not sent: ceiling max_orders_1h_count: 4 > 3")
    bench.wait(3600)
    assert bench.place(buy(ETH, "5")).outcome == "sent"


def test_a_way_out_is_under_no_ceiling() -> None:
    """A sale of any size leaves: ceilings are for orders that add risk."""
    bench = Bench()
    held = bench.hold(BTC, "300")
    bench.desk.ceilings = Ceilings("account", "0" * 64, CeilingsSpec.model_validate(MOST))
    assert bench.place(sell(BTC, held, "exit_stop")).outcome == "sent"


def test_what_cannot_be_valued_does_not_leave() -> None:
    """Without a rate nobody knows what the order is worth, and the gate does not guess."""
    bench = under()
    told = bench.place(buy(value="100"))
    order = bench.venue.received[0]
    strange = replace(order, intent=replace(order.intent, symbol=Symbol("BTC", "XYZ")))
    assert told.outcome == "sent"
    why = refusal(bench.desk, bench.round(), strange)
    assert why == "ceiling max_order_usd: the value cannot be known"
    assert sending.wire_gate(bench.desk, bench.round(), strange) == why


def test_an_activation_tells_its_ceilings() -> None:
    """Name, hash and numbers; and in words that there were none."""
    ceilings = Ceilings("account", "ab" * 32, CeilingsSpec.model_validate(MOST))
    told = {name: str(value) for name, value in MOST.items()}
    assert ceilings_body(ceilings) == {
        "ceilings": {"name": "account", "hash": "ab" * 32, "most": told}
    }
    assert ceilings_body(None) == {"ceilings": None}


def test_a_file_of_ceilings_is_read_whole(tmp_path: Path) -> None:
    """Numbers are exact, and the hash is that of the bytes of the file."""
    file = tmp_path / "ceilings.yaml"
    file.write_text(TEXT)
    ceilings = load_ceilings(file, tmp_path / "policies")
    assert (ceilings.name, ceilings.spec.max_order_usd) == ("account", Decimal(120))
    file.write_text(TEXT + "# a remark\n")
    assert load_ceilings(file, tmp_path / "policies").hash != ceilings.hash


WRONG = {
    "another kind": (TEXT.replace("kind: Ceilings", "kind: RiskLimit"), "M393", 2),
    "no mapping": ("- a\n", "M393", 1),
    "no YAML": ("a: [\n", "M101", None),
    "a number as text": (TEXT.replace("120", '"120"'), "M305", 5),
    "an unknown key": (TEXT.replace("max_order_usd", "max_ordr_usd"), "M303", 5),
    "a missing one": (TEXT.replace("  max_at_risk_usd: 300\n", ""), "M304", 4),
    "one that is zero": (TEXT.replace("120", "0"), "M308", 5),
    "a position above all positions": (TEXT.replace("200", "301"), "M394", 4),
}


@pytest.mark.parametrize(("text", "code", "line"), WRONG.values(), ids=WRONG)
def test_a_file_that_is_wrong_is_refused(
    tmp_path: Path, text: str, code: str, line: int | None
) -> None:
    """Each mistake has its code and its place, and none of them is a traceback."""
    file = tmp_path / "ceilings.yaml"
    file.write_text(text)
    with pytest.raises(MandateError) as caught:
        load_ceilings(file, tmp_path / "policies")
    found = {each.code: each.place for each in caught.value.diagnostics}
    assert line is None or code in found, found
    place = found.get(code)
    assert line is None or (place is not None and place.line == line)


@pytest.mark.parametrize("name", ["policies/ceilings.yaml", "nowhere.yaml"])
def test_a_file_that_is_not_there_or_within_the_set_is_refused(tmp_path: Path, name: str) -> None:
    """Whoever changes the set must not be able to change its ceilings in the same change."""
    (tmp_path / "policies").mkdir()
    if name.startswith("policies"):
        (tmp_path / name).write_text(TEXT)
    with pytest.raises(MandateError) as caught:
        load_ceilings(tmp_path / name, tmp_path / "policies")
    assert [each.code for each in caught.value.diagnostics] == ["M393"]
