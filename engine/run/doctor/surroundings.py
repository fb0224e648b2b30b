"""What surrounds a trader: waivers that end, the clock, keys, the disk, and who runs the ledger.

In: a set, a status, and what the process sees around it. Out: checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.orders import Mode
from engine.model.probing import Repeated
from engine.run.doctor.checks import Check, Level, Section
from engine.run.doctor.keys import keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.adapters.notify import Routes
    from engine.kinds.waiver.document import WaiverSpec
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.run.doctor.keys import KeySeen
    from engine.run.status import Status

SOON_S = 24 * 3600
LITTLE_BYTES = 1_000_000_000
_GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the process sees: the wall clock, the routes it can deliver to, disk and key.

    `free_bytes` is None without a ledger.
    """

    now: UtcTime
    routes: Routes
    key: KeySeen
    free_bytes: int | None = None


def waivers(policy_set: PolicySet, now: UtcTime) -> Iterator[Check]:
    """Each waiver: in force and for how long, not yet, or over."""
    for name, spec in policy_set.waivers:
        level, says = _waiver(spec, now)
        left_s = max(0.0, spec.until.since_s(now))
        yield Check(Section.WAIVERS, level, name, says, {"rule": spec.rule, "left_s": left_s})


def _waiver(spec: WaiverSpec, now: UtcTime) -> tuple[Level, str]:
    if now >= spec.until:
        return Level.LOOK, f"of {spec.rule}, over since {spec.until}: delete it"
    if now < spec.valid_from:
        return Level.FINE, f"of {spec.rule}, from {spec.valid_from} on"
    whom = ", ".join(spec.scope.symbols) or "its whole scope"
    says = f"of {spec.rule} for {whom}, in force until {spec.until}, by {spec.approved_by}"
    soon = spec.until.since_s(now) <= SOON_S
    return Level.LOOK, f"{says}; ends within a day" if soon else says


def around(mode: Mode, status: Status | None, seen: Surroundings) -> Iterator[Check]:
    """Clock, key, disk, and lock."""
    yield _clock(mode, status, seen)
    yield from keys(mode, seen.key, seen.now)
    if status is not None:
        yield _disk(seen)
        yield _lock(status)
        yield _probe(mode, status)


def _clock(mode: Mode, status: Status | None, seen: Surroundings) -> Check:
    last = status.last.time if status is not None and status.last is not None else None
    says = f"the wall clock reads {seen.now}"
    if last is not None and last > seen.now:
        level = Level.BAD if mode is Mode.LIVE else Level.LOOK
        return _check(level, "clock", f"{says}, before the last record at {last}")
    return _check(Level.FINE, "clock", f"{says}; last record at {last}" if last else says)


def _disk(seen: Surroundings) -> Check:
    if seen.free_bytes is None:
        return _check(Level.LOOK, "disk", "how much is free cannot be told")
    level = Level.BAD if seen.free_bytes < LITTLE_BYTES else Level.FINE
    return _check(level, "disk", f"{seen.free_bytes / _GB:,.1f} GB free beside the ledger")


def _lock(status: Status) -> Check:
    if status.holder is None:
        return _check(Level.FINE, "lock", "nobody runs this ledger at the moment")
    return _check(Level.FINE, "lock", f"held by {status.holder}")


def _probe(mode: Mode, status: Status) -> Check:
    """What the venue does with a repeated order id, as far as it was found out."""
    probed = status.state.probed
    if probed is None:
        level = Level.LOOK if mode is Mode.LIVE else Level.FINE
        says = "the venue was never probed (`--probe-duplicate-id`): no order is sent twice"
        return _check(level, "repeated order ids", says)
    found = probed.findings
    lag = "never shown" if found.list_lag_s is None else f"{found.list_lag_s:.1f} s"
    says = (
        f"{probed.symbol} at {probed.time}: the same order {_words(found.same)}, another size "
        f"{_words(found.other_size)}, after a cancel {_words(found.after_cancel)}; an id that is no"
        f" UUID was {_PLAIN[found.plain_id]}; the list was behind by {lag}"
    )
    if found.left:
        left = f"still open, and ending by themselves: {', '.join(found.left)}"
        return _check(Level.BAD, "repeated order ids", f"{says}; {left}")
    level = Level.LOOK if Repeated.UNCLEAR in {found.same, found.other_size} else Level.FINE
    return _check(level, "repeated order ids", says)


_PLAIN = {True: "taken", False: "refused", None: "not tried"}


def _words(repeated: Repeated) -> str:
    return repeated.value.replace("_", " ")


def _check(level: Level, name: str, says: str) -> Check:
    return Check(Section.SURROUNDINGS, level, name, says)
