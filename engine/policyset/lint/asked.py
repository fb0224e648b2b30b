"""What strategies ask for, held against the smallest order that anyone accepts.

In: a policy set and an equity. Out: M354 for a strategy, or its canary, that asks for less than an
order has to be: in every case of its tables it never trades, in some it does not trade there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.policyset.lint.documents import named
from engine.policyset.lint.sizes import bands_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.kinds.base import Path
    from engine.kinds.strategy.document import StrategySpec
    from engine.policyset.lint.measures import Case, Measures
    from engine.policyset.lint.sizes import Edge, SizeBand


def check(measures: Measures, equity: float) -> Iterator[Diagnostic]:
    """Every enabled strategy, at full size and as a canary."""
    bands = bands_of(measures, equity)
    for name, spec in measures.policy_set.strategies:
        size = measures.policy_set.values.get(f"Strategy/{name}#size_pct")
        asked = measures.values(size) if size is not None else {}
        if asked and not any(value > 0 for value in asked.values()):
            yield _nothing(measures, name)
        yield from _too_little(measures, (name, spec), asked, bands, equity)


def _nothing(measures: Measures, name: str) -> Diagnostic:
    place = named(measures.policy_set, f"Strategy/{name}").places.of(("spec", "size_pct"))
    message = f"`Strategy/{name}` asks for nothing in any case"
    return Diagnostic("M354", message, place, "ask for something, or switch it off")


def _too_little(
    measures: Measures,
    strategy: tuple[str, StrategySpec],
    asked: Mapping[Case, float],
    bands: Sequence[SizeBand],
    equity: float,
) -> Iterator[Diagnostic]:
    name, spec = strategy
    wanted = {case: value * equity / 100 for case, value in asked.items() if value > 0}
    small = _below(wanted, bands)
    path: Path = ("spec", "size_pct")
    words = f"`Strategy/{name}`"
    if not small and spec.canary is not None:
        ratio = float(spec.canary.size_ratio)
        wanted = {case: usd * ratio for case, usd in wanted.items()}
        small = _below(wanted, bands)
        path, words = ("spec", "canary"), f"the canary of `Strategy/{name}`"
    if not small:
        return
    never = len(small) == len(wanted) and path == ("spec", "size_pct")
    where = "" if len(small) == len(wanted) else f" ({_cases(small)})"
    most = max(wanted[case] for case in small)
    edge = min(small.values(), key=lambda each: each.usd)
    message = (
        f"at {equity:.10g} USD of equity {words} asks for at most {most:.4g} USD{where}, and "
        f"{edge.source} for at least {edge.usd:.4g} USD"
    )
    place = named(measures.policy_set, f"Strategy/{name}").places.of(path)
    related = ((edge.place, "the minimum"),)
    mend = "ask for more, lower the minimum, or plan for more equity"
    severity = Severity.ERROR if never else Severity.WARNING
    yield Diagnostic("M354", message, place, mend, related, severity=severity)


def _below(wanted: Mapping[Case, float], bands: Sequence[SizeBand]) -> dict[Case, Edge]:
    """The cases in which less is asked for than any product takes, with the minimum there."""
    found = {}
    for case, usd in wanted.items():
        edges = [band.least for band in bands if _together(case, band.case)]
        least = min(edges, key=lambda each: each.usd, default=None)
        if least is not None and usd < least.usd:
            found[case] = least
    return found


def _together(one: Case, other: Case) -> bool:
    both = one | other
    return len({fact for fact, _ in both}) == len(both)


def _cases(small: Mapping[Case, object]) -> str:
    return ", ".join(sorted({f"{fact} {value}" for case in small for fact, value in case}))
