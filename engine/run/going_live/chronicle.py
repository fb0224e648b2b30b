"""What the records of a ledger show to whoever asks how long, under which rules, and how quietly.

In: records, and the longest silence that counts. Out: `Chronicle`. Time is what lies between two
cycles that followed one another: a trader that did not run has shown nothing meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.folding.alerts import DELIVERED
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO
from engine.policyset.seal import plain_from_canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from decimal import Decimal

    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.model.times import UtcTime

ENGINE = "engine"
"""Who halts when nobody did."""
_DEPLOYMENT = "Deployment/"
_BRAKE = "engine.kill_switch"


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that nobody ordered: when, how long the trader had run by then, and what."""

    time: UtcTime
    ran_s: float
    words: str


@dataclass(slots=True)
class Reign:
    """One set in force: which, how long its cycles ran, and what was executed under it."""

    policy_set: str
    name: str
    stage: str
    documents: Mapping[str, str]
    since: UtcTime
    ran_s: float = 0.0
    cycles: int = 0
    fills: int = 0

    @property
    def rules(self) -> dict[str, str]:
        """Its documents by hash, but for the Deployment."""
        return {k: v for k, v in self.documents.items() if not k.startswith(_DEPLOYMENT)}


@dataclass(slots=True)
class Paid:
    """What was charged for executions of one sort in one currency."""

    fills: int = 0
    notional: Decimal = ZERO
    fee: Decimal = ZERO


@dataclass(slots=True)
class Chronicle:
    """One ledger, as far as trust depends on it; `market` is where its prices came from.

    `told` are the notices of alerts by number, `heard` the alerts that a route delivered.
    """

    silence_s: float
    mode: str = ""
    market: str = ""
    began: UtcTime | None = None
    last: UtcTime | None = None
    last_cycle: UtcTime | None = None
    reigns: list[Reign] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    unknowns: int = 0
    paid: dict[tuple[bool, str], Paid] = field(default_factory=dict)
    braked: UtcTime | None = None
    braked_by: str = ""
    compared: UtcTime | None = None
    heard: dict[str, tuple[UtcTime, str]] = field(default_factory=dict)
    told: dict[int, str] = field(default_factory=dict)
    fills_seen: set[str] = field(default_factory=set)

    @property
    def ran_s(self) -> float:
        """How long cycles ran, under whatever set."""
        return sum(each.ran_s for each in self.reigns)

    def incidents_within(self, ran_s: float) -> list[Incident]:
        """The incidents of the newest so many seconds that it ran."""
        begin = self.ran_s - ran_s
        return [each for each in self.incidents if each.ran_s >= begin]


def chronicle_of(records: Iterable[Record], silence_s: float) -> Chronicle:
    """Read the records once."""
    found = Chronicle(silence_s)
    for record in records:
        found.last = record.time
        note = _NOTED.get(record.kind)
        if note is not None:
            note(found, record.time, bodies.of_record(record))
    return found


def _genesis(found: Chronicle, time: UtcTime, body: Body) -> None:
    found.began = time
    found.mode = bodies.text(body, "mode")
    found.market = RECORDED if "recording" in body else bodies.optional_text(body, "venue") or ""


RECORDED = "a recording"
"""The market of a ledger whose time was virtual."""


def _activated(found: Chronicle, time: UtcTime, body: Body) -> None:
    listed = body.get("documents")
    documents = listed if isinstance(listed, list) else []
    told = [each for each in documents if isinstance(each, dict)]
    found.reigns.append(
        Reign(
            policy_set=bodies.text(body, "policy_set"),
            name=bodies.text(body, "name"),
            stage=_stage(told),
            documents={bodies.text(each, "id"): bodies.text(each, "hash") for each in told},
            since=time,
        )
    )


def _stage(documents: Iterable[Body]) -> str:
    """The stage that the sealed Deployment says."""
    for each in documents:
        if bodies.text(each, "id").startswith(_DEPLOYMENT):
            plain = plain_from_canonical(bodies.text(each, "canonical").encode())
            spec = plain.get("spec") if isinstance(plain, dict) else None
            return str(spec.get("stage", "")) if isinstance(spec, dict) else ""
    return ""


def _cycle(found: Chronicle, time: UtcTime, _body: Body) -> None:
    before, found.last_cycle = found.last_cycle, time
    if not found.reigns:
        return
    reign = found.reigns[-1]
    reign.cycles += 1
    passed_s = 0.0 if before is None else time.since_s(max(before, reign.since))
    if 0 < passed_s <= found.silence_s:
        reign.ran_s += passed_s


def _filled(found: Chronicle, _time: UtcTime, body: Body) -> None:
    fill_id = bodies.text(body, "fill_id")
    if fill_id in found.fills_seen or not bodies.whole(body, "intent"):
        return
    found.fills_seen.add(fill_id)
    if found.reigns:
        found.reigns[-1].fills += 1
    currency = bodies.text(body, "symbol").partition("-")[2]
    paid = found.paid.setdefault((bodies.flag(body, "maker"), currency), Paid())
    paid.fills += 1
    paid.notional += bodies.number(body, "quantity") * bodies.number(body, "price")
    paid.fee += bodies.number(body, "fee")


def _tripped(found: Chronicle, time: UtcTime, body: Body) -> None:
    if _BRAKE in bodies.text(body, "text"):
        found.braked, found.braked_by = time, found.braked_by or "its file"
    elif "resets_at" not in body or bodies.text(body, "breaker") != _BY_HAND:
        _happened(found, time, f"`{bodies.text(body, 'breaker')}` tripped")


_BY_HAND = "tightened"
"""The latch of a person who wants no new risk for a while."""


def _halt(found: Chronicle, time: UtcTime, body: Body) -> None:
    if bodies.optional_text(body, "who") == ENGINE:
        _happened(found, time, f"halted by itself: {bodies.text(body, 'reason')}")


def _unknown(found: Chronicle, time: UtcTime, _body: Body) -> None:
    found.unknowns += 1
    _happened(found, time, "an order without an answer")


def _command(found: Chronicle, time: UtcTime, body: Body) -> None:
    if bodies.text(body, "command") == "halt":
        found.braked, found.braked_by = time, bodies.text(body, "who")


def _reconcile(found: Chronicle, time: UtcTime, _body: Body) -> None:
    found.compared = time


def _alert(found: Chronicle, _time: UtcTime, body: Body) -> None:
    if body.get("told") is True and "notice" in body:
        found.told[bodies.whole(body, "notice")] = bodies.text(body, "rule")


def _notice(found: Chronicle, time: UtcTime, body: Body) -> None:
    numbers = body.get("notices")
    if body.get("outcome") != DELIVERED or not isinstance(numbers, list):
        return
    for number in numbers:
        rule = found.told.get(number) if isinstance(number, int) else None
        if rule is not None:
            found.heard[rule] = (time, bodies.text(body, "route"))


def _happened(found: Chronicle, time: UtcTime, words: str) -> None:
    found.incidents.append(Incident(time, found.ran_s, words))


_NOTED: Mapping[RecordKind, Callable[[Chronicle, UtcTime, Body], None]] = {
    RecordKind.GENESIS: _genesis,
    RecordKind.SET_ACTIVATED: _activated,
    RecordKind.CYCLE: _cycle,
    RecordKind.FILLED: _filled,
    RecordKind.BREAKER_TRIPPED: _tripped,
    RecordKind.HALT: _halt,
    RecordKind.UNKNOWN: _unknown,
    RecordKind.OPERATOR_COMMAND: _command,
    RecordKind.RECONCILE: _reconcile,
    RecordKind.ALERT: _alert,
    RecordKind.NOTICE: _notice,
}
