"""What a ledger shows of how a set behaved: how long, under which rules, how quietly, at what cost.

In: a set, a stage, what was read of a ledger. Out: evidence. The time that counts is earned in the
mode and the stage before this one, at a market of the present; a recording proves nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.model.orders import OrderStatus
from engine.model.times import duration_text
from engine.run.doctor.surroundings import LITTLE_BYTES
from engine.run.going_live.ancestry import Ancestry
from engine.run.going_live.chronicle import RECORDED
from engine.run.going_live.evidence import Evidence, Proof, either, lacking
from engine.run.going_live.spending import fees

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.deployment.trust import GoingLive, Shown
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.run.going_live.evidence import Rung
    from engine.run.going_live.examining import Ledger

_NAMED = 3
_UNSTATED = Diagnostic(
    "M941",
    "the Deployment does not say what must be shown",
    None,
    "write `going_live` into it, in a reviewed change: `policy explain M941`",
)
_GB = 1_000_000_000
_NAME_IT = "name it: `--ledger DIR`"


def shown_by(
    policy_set: PolicySet, rung: Rung, ledger: Ledger | None, now: UtcTime
) -> Iterator[Evidence]:
    """All that a ledger can show."""
    terms = policy_set.deployment.going_live
    if terms is None:
        found = f"{_UNSTATED.code} {_UNSTATED.message}"
        yield lacking("what is needed", found, "`going_live`", _UNSTATED.help or "")
    if ledger is None:
        yield lacking("ledger", "none was named", "one that shows how the set behaved", _NAME_IT)
        return
    yield _whole(ledger)
    if not ledger.verified.intact:
        return
    yield _market(rung, ledger)
    if terms is not None:
        yield from _earned(policy_set, rung, terms, ledger)
    yield _unknown(ledger)
    yield _agrees(ledger)
    yield _free(ledger)
    yield from fees(policy_set, ledger.chronicle)
    if terms is not None:
        yield _brake(terms, ledger, now)


def _whole(ledger: Ledger) -> Evidence:
    report = ledger.verified
    found = f"{report.records:,} records, each bound to the one before"
    if not report.intact:
        found = "; ".join(f"{each.code} {each.message}" for each in report.diagnostics)
    mend = "`trader audit verify` names the first bad record; trust no later one"
    return either("ledger", found, "verified whole", mend, met=report.intact)


def _market(rung: Rung, ledger: Ledger) -> Evidence:
    """Where and how the records came about."""
    mode, stage = rung.shown_in
    needed = f"{mode.value} at coinbase" + (f", stage {stage}" if stage else "")
    seen = ledger.chronicle
    found = f"{seen.mode} at {seen.market or 'nowhere'}"
    met = _counts(rung, ledger)
    mend = f"run it with `--mode {mode.value}` and without `--quotes` and `--venue`"
    if seen.market == RECORDED:
        mend = f"a recording has shown its market already; {mend}"
    return either("market", found, needed, mend, met=met)


def _counts(rung: Rung, ledger: Ledger) -> bool:
    """Whether time on this ledger earns anything: in the right mode, at a market of the present."""
    seen = ledger.chronicle
    return seen.mode == rung.shown_in[0].value and seen.market == "coinbase"


def _earned(
    policy_set: PolicySet, rung: Rung, terms: GoingLive, ledger: Ledger
) -> Iterator[Evidence]:
    wanted: Shown = getattr(terms, rung.value)
    stage = rung.shown_in[1]
    reigns = ledger.chronicle.reigns if _counts(rung, ledger) else []
    family = Ancestry.of(policy_set, [e for e in reigns if stage in {None, e.stage}])
    go_on = "go on as it is: cycles count while the trader runs"
    yield either(
        "time that it ran",
        f"{days(family.ran_s)}, {family.words}",
        days(wanted.ran),
        go_on,
        met=family.ran_s >= wanted.ran,
    )
    yield either(
        "under these rules",
        days(family.unchanged_s),
        days(wanted.unchanged),
        "let the rules be, and go on; the Deployment may differ",
        met=family.unchanged_s >= wanted.unchanged,
    )
    fills = "orders that fill; `trader why` tells what stands in their way"
    enough = family.fills >= wanted.fills
    yield either("fills", f"{family.fills:,}", f"{wanted.fills:,}", fills, met=enough)
    yield _quiet(wanted, ledger)


def _quiet(wanted: Shown, ledger: Ledger) -> Evidence:
    seen = ledger.chronicle
    found = seen.incidents_within(wanted.quiet)
    newest = "; ".join(f"{each.words} at {each.time}" for each in found[-_NAMED:])
    span = days(min(wanted.quiet, seen.ran_s))
    words = f"{len(found)} in the last {span}" + (f": {newest}" if newest else "")
    mend = "go on: it was quiet so far"
    if found:
        mend = "understand each (`trader audit show`, `trader why`), then go on until it was quiet"
    met = not found and seen.ran_s >= wanted.quiet
    return either("incidents", words, f"0 in {days(wanted.quiet)}", mend, met=met)


def _unknown(ledger: Ledger) -> Evidence:
    state = ledger.status.state
    left = [e for e in state.working.values() if e.status is OrderStatus.UNKNOWN]
    watched = len(state.watched)
    found = f"{len(left)} left of {ledger.chronicle.unknowns}"
    names = ", ".join(each.client_order_id for each in left[:_NAMED])
    mend = "docs/runbook.md, unknown order: the venue's own list decides, or a person does"
    words = f"{found}: {names}" if names else found
    if watched and not left:
        return Evidence("unknown orders", Proof.LOOK, f"{words}, {watched} still watched", "0 left")
    return either("unknown orders", words, "0 left", mend, met=not left)


def _agrees(ledger: Ledger) -> Evidence:
    """Venue and ledger: balances, and orders of nobody."""
    state = ledger.status.state
    strange = sum(not each.status.final for each in state.foreign.values())
    found = f"{state.mismatches} balances differ, {strange} orders of nobody"
    at = ledger.chronicle.compared
    told = f"{found}, last compared {at}" if at is not None else f"{found}; no reading on record"
    mend = "`trader reconcile` compares now, and docs/runbook.md says what each difference means"
    return either("reconcile", told, "0 and 0", mend, met=not state.mismatches and not strange)


def _free(ledger: Ledger) -> Evidence:
    """Nothing stops trading now."""
    status = ledger.status
    held = [*(f"{name}:{key}" if key else name for name, key in sorted(status.state.latches))]
    if status.killed is not None:
        held.insert(0, f"kill switch: {status.killed}")
    if status.state.halted is not None:
        held.insert(0, f"halted: {status.state.halted}")
    mend = "`trader status` tells why and until when; `trader resume`, `trader rearm`"
    return either("tripped", "; ".join(held) or "nothing", "nothing", mend, met=not held)


def _brake(terms: GoingLive, ledger: Ledger, now: UtcTime) -> Evidence:
    seen, needed = ledger.chronicle, f"tried within {duration_text(terms.brake_tried)}"
    mend = "`trader halt`, see that it stops, then `trader resume`"
    if seen.braked is None:
        return lacking("kill switch", "never tried on this ledger", needed, mend)
    found = f"tried {days(now.since_s(seen.braked))} ago, by {seen.braked_by}"
    met = 0 <= now.since_s(seen.braked) <= terms.brake_tried
    return either("kill switch", found, needed, mend, met=met)


def room(free_bytes: int) -> Evidence:
    """Whether the ledger can go on being durable."""
    found = f"{free_bytes / _GB:,.1f} GB free beside the ledger"
    mend = "make room: without it nothing is sent any more (docs/runbook.md, disk full)"
    met = free_bytes >= LITTLE_BYTES
    return either("disk", found, f"{LITTLE_BYTES / _GB:,.1f} GB", mend, met=met)


def days(seconds: float) -> str:
    """`2.5 d`; less than a day in hours or minutes."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
