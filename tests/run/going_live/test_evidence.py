"""Going live: what a ledger shows, and what stands against each stage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import pytest
from fakes.deployments import deployment
from fakes.status import working_order
from policyset.sets import NOW, altered, composed, documents

from engine.cycle.records.activation import activation_body
from engine.errors import Diagnostic
from engine.ledger.alerts import RouteTest
from engine.ledger.records import NO_PREVIOUS, RecordKind, encode_body, seal
from engine.ledger.state import Latch, State
from engine.ledger.verify import VerifyReport
from engine.model.account import FeeRates, KeyPermissions
from engine.model.approvals import Approval, Signer
from engine.model.orders import Mode, OrderStatus, Side
from engine.model.portfolio import ForeignOrder
from engine.model.symbols import Symbol
from engine.run.doctor import Check, Level, Section
from engine.run.going_live import (
    Chronicle,
    Evidence,
    Examined,
    Ledger,
    Proof,
    Rung,
    VenueSeen,
    chronicle_of,
    evidence_for,
    verdict_of,
)
from engine.run.real_time.arrival import ClockReadings
from engine.run.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.ledger.records import Record
    from engine.policyset.policyset import PolicySet

    Told = tuple[float, RecordKind, dict[str, object]]


@dataclass(frozen=True)
class Against:
    """A piece of evidence, words of it, and what it comes to."""

    name: str
    words: str
    proof: Proof = Proof.LACKING


HOUR = 3_600
LIMIT = (
    "kind: RiskLimit\nmetadata: {name: quiet, description: For a test.}\n"
    "spec: {scope: order, intents: [entry], require: not quote.crossed, on_breach: deny, "
    "stage: enforce}\n"
)


@cache
def a_set(
    stage: str = "supervised", mode: str = "live", more: str | None = None, *texts: str
) -> PolicySet:
    """The live set with routes, numbers and open switches."""
    account = deployment(stage, mode, more=more)
    return composed(altered(documents("live"), account, *texts))


def records(*told: Told) -> list[Record]:
    """Records at seconds from NOW."""
    found: list[Record] = []
    for number, (at, kind, body) in enumerate(told, 1):
        previous = found[-1].hash if found else NO_PREVIOUS
        found.append(seal(number, NOW.plus_s(at), kind, encode_body(body), previous))
    return found


def genesis(mode: str = "paper", **said: object) -> Told:
    """A stream begins, at Coinbase unless it says else."""
    body = {"mode": mode, "account": "main", "nonce": "00", "cash": {}, "venue": "coinbase"}
    return (0, RecordKind.GENESIS, {**body, **said})


def activated(at: float, policy_set: PolicySet) -> Told:
    """A set comes into force."""
    return (at, RecordKind.SET_ACTIVATED, dict(activation_body(policy_set)))


def cycles(first: float, last: float, step: float = 600) -> Iterator[Told]:
    """Cycles, ten minutes apart."""
    at = first
    while at <= last:
        yield (at, RecordKind.CYCLE, {"cycle": int(at)})
        at += step


def fill(at: float, number: int, fee: str = "0.6", *, maker: bool = False) -> Told:
    """An execution of 100 USD."""
    body = {
        "fill_id": f"f{number}", "intent": number, "symbol": "BTC-USD", "side": "BUY",
        "quantity": "0.001", "price": "100000", "fee": fee, "maker": maker, "time": NOW,
    }  # fmt: skip
    return (at, RecordKind.FILLED, body)


def tripped(**said: object) -> Told:
    """A latch, a little before the end."""
    return (1.9 * HOUR, RecordKind.BREAKER_TRIPPED, said)


OLDER = a_set("supervised", "live", None, LIMIT)
BRAKE: Told = (50.0, RecordKind.OPERATOR_COMMAND, {"command": "halt", "who": "ann", "why": "a try"})
COMPARED: Told = (60.0, RecordKind.RECONCILE, {"a": 1})


def good_records(policy_set: PolicySet, mode: str = "paper") -> list[Record]:
    """Two hours of what is wanted."""
    told = (BRAKE, COMPARED, fill(70, 1), fill(80, 2), *cycles(0, 2 * HOUR))
    return records(genesis(mode), activated(0, policy_set), *told)


def ledger(
    policy_set: PolicySet, told: list[Record] | None = None, state: State | None = None
) -> Ledger:
    """A ledger that holds these records, and stands like this."""
    told = good_records(policy_set) if told is None else told
    state = state or State(mode="paper")
    for each in ("desk", "pager"):
        state.telling.tests.setdefault(each, RouteTest(NOW, None))
    chronicle = chronicle_of(told, 600)
    return Ledger(Status(state=state), chronicle, VerifyReport(len(told), None, None, ()))


APPROVAL = Approval(7, (Signer("ann@desk", "SHA256:x"),), Mode.LIVE)
SEEN = VenueSeen(
    "the venue",
    NOW.plus_s(-86_400),
    KeyPermissions(can_view=True, can_trade=True, can_transfer=False),
    ClockReadings(1.0, -12.0),
    FeeRates(Decimal(40), Decimal(60)),
)


def examined(policy_set: PolicySet, **other: object) -> Examined:
    """All is well, but for what is said otherwise."""
    whole = {"ledger": ledger(policy_set), "approval": APPROVAL, "venue": SEEN, **other}
    return Examined(policy_set, NOW.plus_s(2 * HOUR), (), free_bytes=5 * 10**9, **whole)  # type: ignore[arg-type]  # the row's


def pieces(examined: Examined, rung: Rung = Rung.SUPERVISED) -> dict[str, Evidence]:
    """The evidence by its name."""
    return {each.name: each for each in evidence_for(rung, examined)}


def test_nothing_stands_against_what_is_shown() -> None:
    """With every piece there the verdict is that nothing stands against it, a look apart."""
    found = pieces(examined(a_set()))
    assert {name for name, each in found.items() if each.proof is not Proof.SHOWN} == {"fees maker"}
    assert verdict_of(found.values()) is Proof.LOOK


def test_the_set_itself() -> None:
    """Mode, stage, switches, sizes and signature are asked of the set, each with its words."""
    paper = pieces(examined(a_set(mode="paper")))
    assert paper["mode"].found == "paper"
    assert paper["mode"].proof is Proof.LACKING
    assert pieces(examined(a_set("canary")))["stage"].needed == "supervised"
    off = composed(documents("live"))
    assert "M447" in pieces(examined(off))["live switches"].found
    bare = composed(
        [
            e
            for e in altered(documents("live"), deployment())
            if e.id != "RiskLimit/max_stage_at_risk"
        ]
    )
    assert pieces(examined(bare))["small sizes"].proof is Proof.LACKING
    assert "small sizes" not in pieces(examined(bare), Rung.FULL)
    assert pieces(examined(a_set(), approval=None))["policy set signed"].proof is Proof.LACKING
    on_paper = replace(APPROVAL, purpose=Mode.PAPER)
    assert "for paper" in pieces(examined(a_set(), approval=on_paper))["policy set signed"].found


def test_what_the_doctor_mends_comes_first() -> None:
    """What the ordinary examination calls bad blocks, but for what is asked here more closely."""
    checks = [Check(Section.MISSING, Level.BAD, f"rail {n}", "absent") for n in range(5)]
    checks.append(Check(Section.ROUTES, Level.BAD, "desk", "silent"))
    found = pieces(replace(examined(a_set()), checks=tuple(checks)))["examination"]
    assert found.found.startswith("5 to mend: rail 0 (absent)")
    assert found.found.endswith("and 2 more")


def state_with(**said: object) -> State:
    """A state in which something stands."""
    return State(mode="paper", **said)  # type: ignore[arg-type]  # the row's


LATCH = Latch("daily_stop", "", "account", "reducing", NOW, None, NOW, None, "x", "entries", "none")
FOREIGN = ForeignOrder(
    "v1", "x", Symbol("BTC", "USD"), Side.BUY, Decimal(1), None, OrderStatus.OPEN, Decimal(0), NOW,
    ours=False,
)  # fmt: skip
STANDING = {
    "an order of unknown fate": (
        state_with(working={7: working_order(OrderStatus.UNKNOWN)}),
        Against("unknown orders", "1 left"),
    ),
    "an order that is watched": (
        state_with(watched={7: (NOW, working_order(OrderStatus.NOT_SEEN))}),
        Against("unknown orders", "1 still watched", Proof.LOOK),
    ),
    "a balance that differs": (
        state_with(differences={"BTC": "0.1"}),
        Against("reconcile", "1 balances differ"),
    ),
    "an order of nobody": (
        state_with(foreign={"v1": FOREIGN}),
        Against("reconcile", "1 orders of nobody"),
    ),
    "a tripped breaker": (
        state_with(latches={("daily_stop", ""): LATCH}),
        Against("tripped", "daily_stop"),
    ),
    "a halt": (state_with(halted="by ann"), Against("tripped", "halted: by ann")),
}


@pytest.mark.parametrize(("state", "against"), STANDING.values(), ids=STANDING)
def test_where_the_ledger_stands(state: State, against: Against) -> None:
    """Unknown orders, differences and latches block for as long as they stand."""
    found = pieces(examined(a_set(), ledger=ledger(a_set(), state=state)))[against.name]
    assert against.words in found.found
    assert found.proof is against.proof


def told(*more: Told, until: float = 2 * HOUR) -> list[Record]:
    """Records under the live set, with more among them."""
    all_of_them = sorted((*cycles(0, until), *more), key=lambda each: each[0])
    return records(genesis(), activated(0, a_set()), *all_of_them)


FILLS = (fill(70, 1), fill(80, 2))
SHOWN = {
    "too short": (told(*FILLS, until=HOUR), Against("time that it ran", "1.0 h")),
    "a silence in between": (
        records(genesis(), activated(0, a_set()), *cycles(0, HOUR), *cycles(5 * HOUR, 5.5 * HOUR)),
        Against("time that it ran", "1.5 h"),
    ),
    "under other rules": (
        records(genesis(), activated(0, OLDER), *cycles(0, 2 * HOUR)),
        Against("under these rules", "0 s"),
    ),
    "without fills": (told(), Against("fills", "0")),
    "the same fill twice": (told(FILLS[0], FILLS[0]), Against("fills", "1")),
    "a trade by hand": (told(fill(70, 0), FILLS[0]), Against("fills", "1")),
    "an incident lately": (
        told(*FILLS, (1.5 * HOUR, RecordKind.UNKNOWN, {})),
        Against("incidents", "an order without an answer"),
    ),
    "a breaker lately": (
        told(*FILLS, tripped(breaker="daily_stop", text="x")),
        Against("incidents", "`daily_stop` tripped"),
    ),
    "a failure of ours": (
        told(*FILLS, (1.9 * HOUR, RecordKind.HALT, {"who": "engine", "reason": "KeyError"})),
        Against("incidents", "halted by itself"),
    ),
    "an old incident": (
        told(*FILLS, (0.1 * HOUR, RecordKind.UNKNOWN, {})),
        Against("incidents", "0 in the last", Proof.SHOWN),
    ),
    "a halt by hand": (
        told(*FILLS, (1.9 * HOUR, RecordKind.HALT, {"who": "ann", "reason": "lunch"})),
        Against("incidents", "0 in the last", Proof.SHOWN),
    ),
    "a tightening by hand": (
        told(
            *FILLS,
            tripped(breaker="tightened", text="x", resets_at="t"),
        ),
        Against("incidents", "0 in the last", Proof.SHOWN),
    ),
    "no brake tried": (told(*FILLS), Against("kill switch", "never tried")),
    "the switch's own file": (
        told(
            *FILLS,
            (HOUR, RecordKind.BREAKER_TRIPPED, {"breaker": "kill", "text": "engine.kill_switch"}),
        ),
        Against("kill switch", "tried 1.0 h ago, by its file", Proof.SHOWN),
    ),
    "fees above what is assumed": (
        told(fill(70, 1, "0.9"), fill(80, 2, "0.9")),
        Against("fees taker", "90.00 bps over 2 fills"),
    ),
    "a recording": (
        records(genesis(recording="x"), activated(0, a_set()), *cycles(0, 2 * HOUR)),
        Against("market", "paper at a recording"),
    ),
    "time over a recording": (
        records(genesis(recording="x"), activated(0, a_set()), *FILLS, *cycles(90, 2 * HOUR)),
        Against("fills", "0"),
    ),
    "a venue on loopback": (
        records(genesis(venue="loopback"), activated(0, a_set())),
        Against("market", "paper at loopback"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("written", "against"), SHOWN.values(), ids=SHOWN)
def test_what_the_records_show(written: list[Record], against: Against) -> None:
    """Only time that was run, quietly, at a market of today and at the assumed cost, counts."""
    found = pieces(examined(a_set(), ledger=ledger(a_set(), written)))[against.name]
    assert against.words in found.found
    assert found.proof is against.proof


def test_each_stage_is_earned_in_the_one_before() -> None:
    """Canary asks for live time under supervision, and full for live time as a canary."""
    live = good_records(a_set("supervised"), "live")
    canary = pieces(examined(a_set("canary"), ledger=ledger(a_set(), live)), Rung.CANARY)
    assert canary["time that it ran"].proof is Proof.SHOWN
    assert "the same rules" in canary["time that it ran"].found
    assert canary["market"].proof is Proof.SHOWN
    full = pieces(examined(a_set("full"), ledger=ledger(a_set(), live)), Rung.FULL)
    assert full["time that it ran"].found.startswith("0 s, under no set")
    supervised = pieces(examined(a_set(), ledger=ledger(a_set(), live)))
    assert supervised["market"].proof is Proof.LACKING


def test_the_ancestors_are_named() -> None:
    """Each set that the time was earned under is told, with how it differs from this one."""
    written = records(
        genesis(), activated(0, OLDER), *cycles(0, HOUR), activated(HOUR, a_set()),
        *cycles(HOUR + 600, 3 * HOUR),
    )  # fmt: skip
    found = pieces(examined(a_set(), ledger=ledger(a_set(), written)))
    assert "(this set)" in found["time that it ran"].found
    assert "(an ancestor: RiskLimit/quiet differs)" in found["time that it ran"].found
    assert found["under these rules"].found == "2.0 h"


def test_a_ledger_that_is_not_whole_shows_nothing() -> None:
    """A broken chain is told, and nothing of such a ledger is believed."""
    bad = VerifyReport(3, None, None, (Diagnostic("M408", "the chain was rewritten"),))
    broken = Ledger(Status(), Chronicle(600), bad)
    found = pieces(examined(a_set(), ledger=broken))
    assert "M408" in found["ledger"].found
    assert not {"alerts heard", "fills", "tripped"} & set(found)


def test_without_ledger_or_numbers() -> None:
    """No ledger is no evidence; and without `going_live` nobody knows what is needed."""
    found = pieces(examined(a_set("supervised", "live", ""), ledger=None))
    assert "M941" in found["what is needed"].found
    assert found["ledger"].proof is Proof.LACKING
    assert found["alerts heard"].proof is Proof.LACKING
    aged = pieces(examined(a_set("supervised", "live", "")))
    assert aged["key age"].proof is Proof.LACKING
    assert "time that it ran" not in aged


HEARD: list[Told] = [
    (0.0, RecordKind.ALERT, {"rule": "daily_stop_hit", "told": True, "notice": 4}),
    (1.0, RecordKind.NOTICE, {"outcome": "dead", "route": "desk", "notices": [4]}),
]


def test_alerts_are_heard_or_not() -> None:
    """An alert counts when it arrived, or when its route answered; a dead letter is no arrival."""
    policy_set = a_set()
    dead = ledger(policy_set, told(*FILLS, *HEARD))
    dead.status.state.telling.tests.clear()
    found = pieces(examined(policy_set, ledger=dead))
    total = len(policy_set.alerts)
    assert found["alerts heard"].found.startswith(f"0 of {total}; not ")
    assert found["routes"].proof is Proof.LACKING
    arrived: Told = (
        2.0,
        RecordKind.NOTICE,
        {"outcome": "delivered", "route": "desk", "notices": [4]},
    )
    one = ledger(policy_set, told(*FILLS, *HEARD, arrived))
    one.status.state.telling.tests.clear()
    assert pieces(examined(policy_set, ledger=one))["alerts heard"].found.startswith(
        f"1 of {total};"
    )
    late = ledger(policy_set)
    for route in ("desk", "pager"):
        late.status.state.telling.tests[route] = RouteTest(NOW.plus_s(-40 * 86_400), None)
    assert pieces(examined(policy_set, ledger=late))["routes"].proof is Proof.LACKING


def test_the_log_is_no_person() -> None:
    """Where every route is the log no alert was heard, whatever was delivered there."""
    policy_set = composed(altered(documents("paper")))
    found = pieces(examined(policy_set))
    assert found["alerts heard"].proof is Proof.LACKING
    assert "the log wakes nobody" in found["alerts heard"].mend
    assert found["routes"].found == "no alert leaves this process"


VENUE = {
    "no key": (
        VenueSeen("the venue", findings=(Diagnostic("M458", "no key", None, "set it"),)),
        {"key": Proof.LACKING, "clock": Proof.UNTOLD, "fee tier": Proof.UNTOLD},
    ),
    "a venue that does not answer": (
        VenueSeen("the venue", NOW, findings=(Diagnostic("M462", "silent", None, "wait"),)),
        {"key": Proof.UNTOLD, "clock": Proof.UNTOLD, "fee tier": Proof.UNTOLD},
    ),
    "a key that can transfer": (
        replace(SEEN, fees=None, findings=(Diagnostic("M464", "moves money", None, "another"),)),
        {"key": Proof.LACKING, "clock": Proof.SHOWN, "fee tier": Proof.UNTOLD},
    ),
    "a clock that is off": (
        replace(SEEN, findings=(Diagnostic("M467", "off", None, "set it"),)),
        {"key": Proof.SHOWN, "clock": Proof.LACKING, "fee tier": Proof.SHOWN},
    ),
    "a dearer tier": (
        replace(SEEN, fees=FeeRates(Decimal(40), Decimal(120))),
        {"key": Proof.SHOWN, "clock": Proof.SHOWN, "fee tier": Proof.LACKING},
    ),
    "an old key": (
        replace(SEEN, created=NOW.plus_s(-90 * 86_400)),
        {"key": Proof.SHOWN, "key age": Proof.LACKING},
    ),
    "a key of unknown age": (
        replace(SEEN, created=None),
        {"key": Proof.SHOWN, "key age": Proof.LACKING},
    ),
}


@pytest.mark.parametrize(("seen", "proofs"), VENUE.values(), ids=VENUE)
def test_what_the_venue_said(seen: VenueSeen, proofs: dict[str, Proof]) -> None:
    """A key, a clock and a tier are shown, lacking, or untold where nobody could be asked."""
    found = pieces(examined(a_set(), venue=seen))
    assert {name: found[name].proof for name in proofs} == proofs


def test_the_gravest_counts() -> None:
    """A blocker is graver than silence, silence than a look, and no evidence is no yes."""
    made = {proof: Evidence("x", proof, "", "") for proof in Proof}
    assert verdict_of(made.values()) is Proof.LACKING
    assert verdict_of([made[Proof.UNTOLD], made[Proof.LOOK]]) is Proof.UNTOLD
    assert verdict_of([]) is Proof.LACKING
