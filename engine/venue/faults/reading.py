"""A fault plan from its file, with everything that is wrong with it.

In: a path, or a rate and a seed. Out: `FaultPlan`. Refuses a file that is none, parts that a fault
does not have or lacks, and spans that end before they begin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from engine.errors import Diagnostic, MandateError, Place
from engine.policyset.reader import read_yaml
from engine.policyset.reading.files import PolicyFile, read_file, shown
from engine.policyset.reading.nodes import places, plain
from engine.policyset.reading.scalars import quoted
from engine.policyset.shape import check_against
from engine.venue.faults.document import (
    ChanceOfFaults,
    FaultPart,
    FaultPlanDocument,
    FaultPlanSpec,
    QuotaPart,
    Streams,
)
from engine.venue.faults.kinds import PARTS, Effect, Fault, FaultKind
from engine.venue.faults.mishaps import (
    NO_MISHAPS,
    Mishap,
    StreamChance,
    StreamLine,
    StreamPlan,
)
from engine.venue.faults.plan import Chance, FaultPlan, Scripted
from engine.venue.faults.quota import Quota

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal
    from pathlib import Path

    from engine.kinds.base import Path as DocumentPath
    from engine.kinds.base import Places, Plain
    from engine.venue.faults.kinds import Span

EVERY_FAULT = frozenset(FaultKind) - {FaultKind.OTHER_ORDER}
"""What `--fault-rate` may do: an answer with the id of another order ends in a person's hands."""

_SPANS = ("late_arrival_s", "list_lag_s", "hold_s", "lasts_s", "drip_s")
_MEND = "`policy explain M611` says what each fault is told"


def load_fault_plan(path: Path) -> FaultPlan:
    """Read a plan; raises MandateError with all findings."""
    data = read_file(PolicyFile(shown(path), path))
    if isinstance(data, OSError):
        message = f"{quoted(shown(path))} cannot be read: {(data.strerror or '').lower()}"
        raise MandateError([Diagnostic("M610", message, None, "name a file that is there")])
    read = read_yaml(data, shown(path))
    if read.root is None:
        raise MandateError(read.diagnostics)
    there = places(read.root)
    document = _typed(plain(read.root), there, shown(path))
    if found := [*_misfits(document, there), *_spans(document, there)]:
        raise MandateError(found)
    return _plan(document)


def plan_by_chance(rate_pct: Decimal, seed: int) -> FaultPlan:
    """Every fault by chance; raises MandateError for a rate that is no share of 100."""
    if not 0 <= rate_pct <= 100:  # noqa: PLR2004 - per cent
        message = f"a rate of {rate_pct} %: it lies between 0 and 100"
        raise MandateError([Diagnostic("M612", message, None, "`--fault-rate 10` is one in ten")])
    return FaultPlan(seed, chance=Chance(float(rate_pct) / 100, EVERY_FAULT))


def _typed(data: Plain, there: Places, file: str) -> FaultPlanDocument:
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind != FaultPlanDocument.KIND:
        place = there.of(("kind",)) if kind is not None else Place(file, 1, 1)
        message = "this is no fault plan"
        raise MandateError([Diagnostic("M610", message, place, "write `kind: FaultPlan`")])
    if found := check_against(FaultPlanDocument, data, there):
        raise MandateError(found)
    try:
        return FaultPlanDocument.model_validate(data)
    except ValidationError as error:
        raise MandateError(
            Diagnostic("M611", each["msg"].lower(), there.of(each["loc"]), _MEND)
            for each in error.errors(include_url=False)
        ) from None


def _misfits(document: FaultPlanDocument, there: Places) -> Iterator[Diagnostic]:
    for number, line in enumerate(document.spec.script):
        yield from _misfits_of(line.fault, ("spec", "script", number, "fault"), there)


def _misfits_of(part: FaultPart, at: DocumentPath, there: Places) -> Iterator[Diagnostic]:
    given = {name for name in part.model_fields_set if name != "kind"}
    parts, name = PARTS[part.kind], quoted(part.kind.value)
    for missing in sorted(parts.required - given):
        message = f"{name} needs {quoted(missing)}"
        yield Diagnostic("M611", message, there.of((*at, "kind")), _MEND)
    for strange in sorted(given - parts.required - parts.optional):
        has = ", ".join(sorted(parts.required | parts.optional)) or "nothing else"
        message = f"{name} has no {quoted(strange)}"
        yield Diagnostic("M611", message, there.of_key((*at, strange)), f"it has {has}")


def _spans(document: FaultPlanDocument, there: Places) -> Iterator[Diagnostic]:
    """Spans that end before they begin."""
    for path, (least, most) in _every_span(document.spec):
        if least > most:
            message = f"from {least} to {most}: it ends before it begins"
            yield Diagnostic("M611", message, there.of(path), "write the least first")


def _every_span(spec: FaultPlanSpec) -> Iterator[tuple[DocumentPath, tuple[Decimal, Decimal]]]:
    for name in _SPANS if spec.chance else ():
        yield ("spec", "chance", name), getattr(spec.chance, name)
    if spec.streams and spec.streams.chance:
        yield ("spec", "streams", "chance", "lasts_s"), spec.streams.chance.lasts_s


def _plan(document: FaultPlanDocument) -> FaultPlan:
    spec = document.spec
    script = tuple(
        Scripted(
            line.method,
            line.path,
            _fault(line.fault),
            (line.having or "").encode(),
            line.skip,
            line.times,
        )
        for line in spec.script
    )
    return FaultPlan(
        seed=spec.seed,
        script=script,
        chance=_chance(spec.chance) if spec.chance else None,
        streams=_streams(spec.seed, spec.streams) if spec.streams else NO_MISHAPS,
        quota=_quota(spec.quota) if spec.quota else None,
    )


def _streams(seed: int, given: Streams) -> StreamPlan:
    script = tuple(
        StreamLine(line.channel, Mishap(line.mishap, float(line.lasts_s)), line.skip, line.times)
        for line in given.script
    )
    chance = given.chance
    if chance is None:
        return StreamPlan(seed, script)
    by_chance = StreamChance(float(chance.rate_pct) / 100, chance.mishaps, _span(chance.lasts_s))
    return StreamPlan(seed, script, by_chance)


def _quota(given: QuotaPart) -> Quota:
    return Quota(float(given.private_per_s), float(given.public_per_s))


def _fault(part: FaultPart) -> Fault:
    return Fault(
        kind=part.kind,
        hold_s=float(part.hold_s or 0),
        delay_s=float(part.delay_s or 0),
        lag_s=float(part.lag_s or 0),
        lasts_s=float(part.lasts_s or 0),
        status=part.status or 0,
        effect=part.effect or Effect.BEFORE,
        retry_after_s=part.retry_after_s,
        reset_s=part.reset_s,
        word=part.word or "",
        product=part.product or "",
    )


def _chance(given: ChanceOfFaults) -> Chance:
    return Chance(
        rate=float(given.rate_pct) / 100,
        kinds=frozenset(given.faults),
        late_s=_span(given.late_arrival_s),
        lag_s=_span(given.list_lag_s),
        hold_s=_span(given.hold_s),
        lasts_s=_span(given.lasts_s),
        drip_s=_span(given.drip_s),
    )


def _span(values: tuple[Decimal, Decimal]) -> Span:
    return float(values[0]), float(values[1])


def asked_faults(file: Path | None, rate_pct: Decimal | None, seed: int) -> FaultPlan | None:
    """The plan that a person asked for; None for none. Raises MandateError."""
    if file is not None and rate_pct is not None:
        message = "a plan and a rate: the plan has its own"
        mend = "write the rate into the plan's `chance`, or leave out `--faults`"
        raise MandateError([Diagnostic("M612", message, None, mend)])
    if file is not None:
        return load_fault_plan(file)
    return None if rate_pct is None else plan_by_chance(rate_pct, seed)
