"""The way to real money in stages: what the ledger shows for each, and what stands against it.

In: a set, a status, and the incidents of the ledger. Out: checks. The stages are those of the
Deployment: `supervised` (100 USD for a day, while a person watches two), `canary` (a week without
an incident), `full`. What no ledger can show is told as a question to a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.orders import Mode
from engine.run.doctor.checks import Check, Level, Section
from engine.run.refusals import live_refusals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.ledger.records import Record
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

_DAY_S = 86_400
FIRST_DAY_S = _DAY_S
WATCHED_S = 2 * _DAY_S
QUIET_S = 7 * _DAY_S
_INCIDENTS: Mapping[RecordKind, str] = {
    RecordKind.BREAKER_TRIPPED: "a breaker tripped",
    RecordKind.HALT: "a halt",
    RecordKind.UNKNOWN: "an order without an answer",
    RecordKind.NOT_SEEN: "an order that the venue never saw",
}
_SHOWN = 3


@dataclass(slots=True)
class Evidence:
    """What the records of one ledger show, without their account of money."""

    mode: str = ""
    began: UtcTime | None = None
    last: UtcTime | None = None
    incidents: list[tuple[UtcTime, str]] = field(default_factory=list)
    fills: int = 0

    @property
    def lasted_s(self) -> float:
        """Seconds from the first record to the last."""
        return self.last.since_s(self.began) if self.began and self.last else 0.0

    def incidents_since(self, seconds: float) -> list[tuple[UtcTime, str]]:
        """The incidents of the newest stretch of time."""
        if self.last is None:
            return []
        begin = self.last.plus_s(-seconds)
        return [each for each in self.incidents if each[0] >= begin]


def evidence_of(records: Iterable[Record]) -> Evidence:
    """Read the records once."""
    found = Evidence()
    for record in records:
        found.last = record.time
        if record.kind is RecordKind.GENESIS:
            found.began = record.time
            found.mode = bodies.text(bodies.of_record(record), "mode")
        elif record.kind is RecordKind.FILLED:
            found.fills += 1
        elif record.kind in _INCIDENTS:
            found.incidents.append((record.time, _INCIDENTS[record.kind]))
    return found


def going_live(policy_set: PolicySet, evidence: Evidence | None) -> Iterator[Check]:
    """What stands against live trading, and against each further stage."""
    for refusal in live_refusals(policy_set.deployment):
        yield _check(Level.BAD, refusal.code, f"{refusal.message}: {refusal.help}")
    if policy_set.deployment.mode != Mode.LIVE.value:
        yield _check(Level.BAD, "mode", f"the Deployment says `mode: {policy_set.deployment.mode}`")
    if evidence is None:
        yield _check(Level.BAD, "ledger", "no ledger was named, so nothing is shown: `--ledger`")
        return
    live = evidence.mode == Mode.LIVE.value
    told = f"the ledger is of mode {evidence.mode}, {_days(evidence.lasted_s)} long"
    yield _check(Level.FINE if live else Level.BAD, "live records", told)
    yield _lasted("supervised: a day", evidence, FIRST_DAY_S, live=live)
    yield _lasted("supervised: two days watched", evidence, WATCHED_S, live=live)
    yield _check(Level.LOOK, "supervised: a person", "did somebody watch? no ledger can tell")
    yield _quiet(evidence, live=live)
    yield _check(Level.LOOK, "full", f"the Deployment says `stage: {policy_set.deployment.stage}`")


def _lasted(name: str, evidence: Evidence, wanted_s: int, *, live: bool) -> Check:
    done = live and evidence.lasted_s >= wanted_s and evidence.fills > 0
    says = f"{_days(evidence.lasted_s)} of {_days(wanted_s)}, {evidence.fills:,} fills"
    return _check(Level.FINE if done else Level.BAD, name, says)


def _quiet(evidence: Evidence, *, live: bool) -> Check:
    incidents = evidence.incidents_since(QUIET_S)
    done = live and evidence.lasted_s >= QUIET_S and not incidents
    newest = "; ".join(f"{words} at {at}" for at, words in incidents[-_SHOWN:])
    plural = "" if len(incidents) == 1 else "s"
    told = f"{len(incidents) or 'no'} incident{plural}"
    says = f"{told} in the last {_days(min(QUIET_S, evidence.lasted_s))} of {_days(QUIET_S)}"
    return _check(
        Level.FINE if done else Level.BAD,
        "canary: a week without an incident",
        f"{says}: {newest}" if newest else says,
    )


def _days(seconds: float) -> str:
    return f"{seconds / _DAY_S:.1f} d"


def _check(level: Level, name: str, says: str) -> Check:
    return Check(Section.GO_LIVE, level, name, says)
