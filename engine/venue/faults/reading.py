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
from engine.venue.faults.document import ChanceOfFaults, FaultPart, FaultPlanDocument
from engine.venue.faults.kinds import PARTS, Effect, Fault, FaultKind
from engine.venue.faults.plan import Chance, FaultPlan, Scripted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal
    from pathlib import Path

    from engine.kinds.base import Path as DocumentPath
    from engine.kinds.base import Places, Plain

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
    chance = document.spec.chance
    for name in _SPANS if chance else ():
        least, most = getattr(chance, name)
        if least > most:
            message = f"from {least} to {most}: it ends before it begins"
            at = there.of(("spec", "chance", name))
            yield Diagnostic("M611", message, at, "write the least first")


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
    return FaultPlan(spec.seed, script, _chance(spec.chance) if spec.chance else None)


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
        word=part.word or "",
        product=part.product or "",
    )


def _chance(given: ChanceOfFaults) -> Chance:
    def span(values: tuple[Decimal, Decimal]) -> tuple[float, float]:
        return float(values[0]), float(values[1])

    return Chance(
        rate=float(given.rate_pct) / 100,
        kinds=frozenset(given.faults),
        late_s=span(given.late_arrival_s),
        lag_s=span(given.list_lag_s),
        hold_s=span(given.hold_s),
        lasts_s=span(given.lasts_s),
        drip_s=span(given.drip_s),
    )
