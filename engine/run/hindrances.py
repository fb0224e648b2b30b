"""What stood in a product's way over a stretch of time, and what was decided about it.

In: an index, a product, how long back from the last cycle. Out: `Past`: each sort of reason with
how often, since when and until when it stood there; and the decisions. Refuses (MandateError) what
`questions` refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.cycle.records.story import decision_of
from engine.cycle.records.telling import reason_of
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.run.questions import cycle_record, product_named, sort_of, unseen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.cycle.records.story import DecisionRecord
    from engine.ledger.index import LedgerIndex
    from engine.ledger.records import Record
    from engine.model.decisions import Reason
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

_MOST = 100_000
"""Cycles that are gone through: a day of one every second, and some."""


@dataclass(frozen=True, slots=True)
class Stood:
    """One sort of reason, told as in the newest of its cycles."""

    reason: Reason
    count: int
    first: UtcTime
    last: UtcTime


@dataclass(frozen=True, slots=True)
class Past:
    """A stretch: `seen` cycles knew the product, in `clear` of them nothing was in its way."""

    symbol: Symbol
    since: UtcTime
    until: UtcTime
    cycles: int
    seen: int
    policy_set: str
    stood: tuple[Stood, ...]
    decisions: tuple[DecisionRecord, ...]

    @property
    def clear(self) -> int:
        """Cycles in which it was decided about, and nothing stood in its way before that."""
        return self.seen - sum(each.count for each in self.stood)


def hindered(index: LedgerIndex, product: str, lasting_s: int) -> Past:
    """What stood in a product's way from so long before the last cycle up to it."""
    symbol = product_named(product)
    last = cycle_record(index, None)
    since = last.time.plus_s(-lasting_s)
    cycles = index.records(RecordKind.CYCLE, since, _MOST)
    decisions = _about(index.records(RecordKind.DECISION, since, _MOST), symbol)
    decided = {each.cycle for each in decisions}
    stood, blocked = _stood(cycles, symbol)
    if not blocked | decided:
        body = bodies.of_record(last)
        raise unseen(symbol, bodies.whole(body, "cycle"), bodies.mapping(body, "blockers"))
    return Past(
        symbol=symbol,
        since=since,
        until=last.time,
        cycles=len(cycles),
        seen=len(blocked | decided),
        policy_set=bodies.text(bodies.of_record(last), "policy_set"),
        stood=stood,
        decisions=decisions,
    )


def _about(records: Iterable[Record], symbol: Symbol) -> tuple[DecisionRecord, ...]:
    wanted = (each for each in records if bodies.of_record(each).get("symbol") == str(symbol))
    return tuple(map(decision_of, wanted))


def _stood(cycles: Iterable[Record], symbol: Symbol) -> tuple[tuple[Stood, ...], frozenset[int]]:
    """Each sort of reason, the most frequent first; and the cycles that had one."""
    found: dict[str, Stood] = {}
    blocked = set()
    for record in cycles:
        body = bodies.of_record(record)
        blocker = bodies.mapping(body, "blockers").get(str(symbol))
        if blocker is None:
            continue
        blocked.add(bodies.whole(body, "cycle"))
        reason = reason_of(str(blocker))
        sort = sort_of(reason)
        known = found.get(sort) or Stood(reason, 0, record.time, record.time)
        found[sort] = replace(known, reason=reason, count=known.count + 1, last=record.time)
    return tuple(sorted(found.values(), key=lambda each: -each.count)), frozenset(blocked)
