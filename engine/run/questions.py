"""Questions about a ledger, answered from its index: why a product did not trade, what an order is.

In: an index, and what a person typed. Out: values. Refuses (MandateError) products, cycles and
orders that the ledger does not have, and says what it has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from engine.cycle.records.activation import activated_set
from engine.cycle.records.story import decision_of, story_of
from engine.cycle.records.telling import reason_of
from engine.errors import Diagnostic, MandateError
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from engine.cycle.records.story import DecisionRecord, Story
    from engine.ledger.bodies import Body
    from engine.ledger.index import LedgerIndex, OrderEntry
    from engine.ledger.records import Record
    from engine.model.approvals import Approval
    from engine.model.decisions import Reason
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

_LISTED = 5
EARLIER_CYCLES = 60
_NAMING = frozenset({"rule", "breaker", "strategy", "missing", "by"})


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What stood in a product's way in one cycle; without a reason, nothing did."""

    symbol: Symbol
    cycle: int
    time: UtcTime
    state: str
    policy_set: str
    reason: Reason | None
    decisions: tuple[DecisionRecord, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What stood in a product's way in `count` earlier cycles, told as in the newest of them."""

    reason: Reason
    count: int
    cycle: int


@dataclass(frozen=True, slots=True)
class NamedSet:
    """An activated set: its name and hash, and itself where this release can build it again.

    `origin` tells who put it in force in a running loop, and from which commit.
    """

    name: str
    hash: str
    policy_set: PolicySet | None
    approval: Approval | None = None
    origin: str = ""


def why(index: LedgerIndex, product: str, cycle: int | None) -> Hindrance:
    """What stood in a product's way in a cycle, by default the last one."""
    symbol = product_named(product)
    record = cycle_record(index, cycle)
    body = bodies.of_record(record)
    blockers = bodies.mapping(body, "blockers")
    number = bodies.whole(body, "cycle")
    decisions = tuple(decision_of(each) for each in index.decisions_of(symbol, number))
    blocker = blockers.get(str(symbol))
    if blocker is None and not decisions:
        raise unseen(symbol, number, blockers)
    return Hindrance(
        symbol=symbol,
        cycle=number,
        time=record.time,
        state=bodies.text(body, "state"),
        policy_set=bodies.text(body, "policy_set"),
        reason=reason_of(str(blocker)) if blocker is not None else None,
        decisions=decisions,
    )


def earlier_hindrances(index: LedgerIndex, answer: Hindrance) -> tuple[Earlier, ...]:
    """What else stood in the product's way in the cycles just before, the most frequent first."""
    found: dict[str, Earlier] = {}
    for number in range(answer.cycle - 1, max(0, answer.cycle - 1 - EARLIER_CYCLES), -1):
        record = index.cycle(number)
        blocker = record and bodies.mapping(bodies.of_record(record), "blockers").get(
            str(answer.symbol)
        )
        if blocker:
            reason = reason_of(str(blocker))
            known = found.get(sort_of(reason))
            # The newest of a sort is told, with its numbers.
            found[sort_of(reason)] = (
                replace(known, count=known.count + 1) if known else Earlier(reason, 1, number)
            )
    own = sort_of(answer.reason) if answer.reason is not None else ""
    others = (each for sort, each in found.items() if sort != own)
    return tuple(sorted(others, key=lambda each: -each.count))


def sort_of(reason: Reason) -> str:
    """What a reason is about, without the numbers of its cycle."""
    named = [value for name, value in reason.values if name in _NAMING]
    return " ".join((reason.code.value, *named))


def last_decision(index: LedgerIndex, symbol: Symbol) -> DecisionRecord | None:
    """The newest decision about a product, in whatever cycle."""
    record = index.last_decision(symbol)
    return decision_of(record) if record is not None else None


def order_story(index: LedgerIndex, key: str) -> Story:
    """The story of one order: by its client order id, a unique prefix of it, or its intent."""
    entries = index.orders(key)
    if not entries:
        raise _error(code="M452", message=f"no order of this ledger is `{key}`", mend=_KEYS)
    if len(entries) > 1:
        raise _ambiguous(key, entries)
    return story_of(index.records_of_order(entries[0].client_order_id))


def differences(index: LedgerIndex) -> dict[str, str]:
    """What differed between venue and ledger when they were last compared, in words."""
    last = index.last(RecordKind.RECONCILE)
    found = {} if last is None else bodies.mapping(bodies.of_record(last), "differences")
    return {name: str(words) for name, words in found.items()}


def named_set(index: LedgerIndex, set_hash: str, at: UtcTime | None = None) -> NamedSet:
    """The set that was activated under this hash, last of all or last before that moment."""
    for record in reversed(index.records(RecordKind.SET_ACTIVATED)):
        body = bodies.of_record(record)
        early_enough = at is None or record.time <= at
        if early_enough and bodies.text(body, "policy_set") == set_hash:
            return set_of(body)
    return NamedSet("unknown", set_hash, None)


def set_of(activation: Body) -> NamedSet:
    """The set that an activation holds."""
    name, digest = bodies.text(activation, "name"), bodies.text(activation, "policy_set")
    approval, origin = bodies.approval_of(activation), _origin(activation)
    try:
        return NamedSet(name, digest, activated_set(activation), approval, origin)
    except MandateError:
        # Another release gave its documents another meaning: the records speak for themselves.
        return NamedSet(name, digest, None, approval, origin)


def _origin(activation: Body) -> str:
    ordered, commit = activation.get("ordered"), activation.get("commit")
    by = f"ordered by {ordered['who']} ({ordered['why']})" if isinstance(ordered, dict) else ""
    return ", ".join(filter(None, (by, f"commit {commit}" if commit else "")))


_KEYS = "a client order id, at least four of its first digits, or an intent's number"


def product_named(text: str) -> Symbol:
    """The product that was typed; raises MandateError (M455)."""
    try:
        return Symbol.parse(text)
    except ValueError:
        mend = "a product is named by base and quote currency: `BTC-USD`"
        message = f"`{text}` is not the name of a product"
        raise _error(code="M455", message=message, mend=mend) from None


def cycle_record(index: LedgerIndex, number: int | None) -> Record:
    """The record of a cycle, by default of the last one; raises MandateError (M454)."""
    last = index.last(RecordKind.CYCLE)
    if last is None:
        message = "no cycle was run on this ledger"
        raise _error(code="M454", message=message, mend="run one with `trader run`")
    record = last if number is None else index.cycle(number)
    if record is None:
        latest = bodies.whole(bodies.of_record(last), "cycle")
        message = f"this ledger has no cycle {number}"
        raise _error(code="M454", message=message, mend=f"it has the cycles 1 to {latest}")
    return record


def unseen(symbol: Symbol, cycle: int, blockers: Body) -> MandateError:
    """What to raise (M455) of a product that a cycle knows nothing of, with those that it knows."""
    message = f"cycle {cycle} knows nothing of `{symbol}`: it had no quote by then"
    near = get_close_matches(str(symbol), blockers, n=_LISTED)
    shown = list(dict.fromkeys([*near, *sorted(blockers)]))[:_LISTED]
    mend = f"it knows: {', '.join(shown) or 'no product'}"
    return _error(code="M455", message=message, mend=mend)


def _ambiguous(key: str, entries: tuple[OrderEntry, ...]) -> MandateError:
    shown = ", ".join(each.client_order_id for each in entries[:_LISTED])
    more = f" and {len(entries) - _LISTED} more" if len(entries) > _LISTED else ""
    message = f"`{key}` is the beginning of {len(entries)} orders"
    return _error(code="M453", message=message, mend=f"{shown}{more}")


def _error(*, code: str, message: str, mend: str) -> MandateError:
    return MandateError([Diagnostic(code, message, None, mend)])
