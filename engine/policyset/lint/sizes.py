"""Size bands: is there an order at all that the minimums and the caps both allow?

In: a policy set and an equity. Out: `SizeBand`s, for each product and each case of the tables the
largest minimum and the smallest cap of an entry from flat, in the numeraire; M353 where no size
lies between them at the planned equity, M354 where a strategy asks for less than the minimum.
A cap of zero says that nothing is wanted in that case, and is no finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product as combinations
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.kinds.parameters import GROUP_FACT, OTHERS
from engine.kinds.rule import RuleRole
from engine.model.orders import Intent
from engine.policyset.lint.documents import named, only
from engine.policyset.lint.measures import Measures
from engine.policyset.lint.sums import GROUP, TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.errors import Place
    from engine.kinds.strategy.document import StrategySpec
    from engine.policyset.lint.measures import Bound, Case
    from engine.policyset.policyset import PolicySet

_LIMITS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_IN_USD = "order.notional_usd"
_IN_PCT = (
    "order.size_pct",
    "position.pct_after",
    "strategy.at_risk_pct_after",
    GROUP,
    TOTAL,
)
"""What an entry from flat is in these measures: its share of equity."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of a band: how much, and who says so where."""

    usd: float
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class SizeBand:
    """The sizes that an entry of one product may have in one case of the tables."""

    product: str
    case: Case
    least: Edge
    most: Edge

    @property
    def empty(self) -> bool:
        """Whether no size is allowed, where one is wanted at all."""
        return 0 < self.most.usd < self.least.usd


@dataclass(frozen=True, slots=True)
class _Tradable:
    """A product with its groups, and what the venue asks for at least; "" where none is listed."""

    name: str
    groups: tuple[str, ...]
    minimum: Edge


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Bands that are empty at one end of the planned equity."""
    policy_set = measures.policy_set
    low, high = policy_set.deployment.equity_planned_usd
    for equity in dict.fromkeys((float(low), float(high))):
        bands = _size_bands(measures, equity)
        yield from _empty(bands, equity)
        for name, spec in policy_set.strategies:
            yield from _too_little(measures, name, spec, bands, equity)


def size_bands(policy_set: PolicySet, equity_usd: float) -> tuple[SizeBand, ...]:
    """Every band at an equity, by product, then case."""
    return _size_bands(Measures(policy_set), equity_usd)


def _size_bands(measures: Measures, equity_usd: float) -> tuple[SizeBand, ...]:
    policy_set = measures.policy_set
    rules = [
        rule for rule in policy_set.rules if rule.role in _LIMITS and Intent.ENTRY in rule.intents
    ]
    bounds = [b for b in measures.bounds(rules) if not b.besides]
    factors = {measures.spelled_name(name): equity_usd / 100 for name in _IN_PCT}
    factors[_IN_USD] = 1.0
    sized = [(bound, factors[bound.measure]) for bound in bounds if bound.measure in factors]
    return tuple(
        band
        for tradable in _tradables(policy_set)
        for case in _cases([bound for bound, _ in sized], tradable.groups)
        for band in _band(tradable, case, sized)
    )


def _tradables(policy_set: PolicySet) -> list[_Tradable]:
    """The products whose grid the set knows; without one, an asset of each group."""
    deployment, universe = policy_set.deployment, policy_set.universe
    document = only(policy_set, "Deployment")
    found = []
    for index, listed in enumerate(deployment.paper.products if deployment.paper else ()):
        base, _, quote = listed.symbol.partition("-")
        rate = deployment.rates.get(quote)
        factor = 1.0 if rate is None else float(rate.value)
        place = document.places.of(("spec", "paper", "products", index))
        groups = tuple(name for name, assets in universe.groups.items() if base in assets)
        minimum = Edge(
            float(listed.quote_min_size) * factor, f"the venue, for {listed.symbol},", place
        )
        found.append(_Tradable(listed.symbol, groups or (OTHERS,), minimum))
    nothing = Edge(0.0, "the venue", document.places.of(("spec", "venue")))
    names = (*sorted(universe.groups), OTHERS)
    return found or [_Tradable(f"an asset of group {name}", (name,), nothing) for name in names]


def _cases(bounds: Sequence[Bound], groups: tuple[str, ...]) -> list[Case]:
    """Every combination of the enums that the bounds depend on, with the product's own groups."""
    values: dict[str, dict[str, None]] = {}
    for bound in bounds:
        for case in bound.values:
            for fact, value in case:
                if fact != GROUP_FACT or value in groups:
                    values.setdefault(fact, {})[value] = None
    return [
        frozenset(zip(values, chosen, strict=True)) for chosen in combinations(*values.values())
    ]


def _band(
    tradable: _Tradable, case: Case, sized: Sequence[tuple[Bound, float]]
) -> Iterator[SizeBand]:
    lows: list[Edge] = [tradable.minimum]
    highs: list[Edge] = []
    for bound, factor in sized:
        value = bound.in_case(case)
        if value is not None:
            edge = Edge(value * factor, f"`{bound.rule.id}`", bound.rule.place)
            (highs if bound.upper else lows).append(edge)
    if highs:
        least = max(lows, key=lambda edge: edge.usd)
        yield SizeBand(tradable.name, case, least, min(highs, key=lambda edge: edge.usd))


def _empty(bands: Sequence[SizeBand], equity: float) -> Iterator[Diagnostic]:
    """One finding for each pair of limits that leave nothing between them."""
    conflicts: dict[tuple[str, str], list[SizeBand]] = {}
    for band in bands:
        if band.empty:
            conflicts.setdefault((band.least.source, band.most.source), []).append(band)
    for found in conflicts.values():
        tightest = min(found, key=lambda band: band.most.usd)
        everywhere = all(b.empty or b.most.usd <= 0 for b in bands if b.product == tightest.product)
        severity = Severity.ERROR if everywhere else Severity.WARNING
        yield _no_size(tightest, _products(found), equity, severity)


def _no_size(band: SizeBand, products: str, equity: float, severity: Severity) -> Diagnostic:
    where = ", ".join(f"{fact} {value}" for fact, value in sorted(band.case))
    message = (
        f"at {equity:.10g} USD of equity no order for {products} is possible"
        f"{f' ({where})' if where else ''}: {band.least.source} asks for at least "
        f"{band.least.usd:.4g} USD, {band.most.source} allows at most {band.most.usd:.4g} USD"
    )
    mend = "raise the cap, lower the minimum, or plan for more equity"
    related = ((band.least.place, "the minimum"),)
    return Diagnostic("M353", message, band.most.place, mend, related, severity=severity)


def _products(bands: Sequence[SizeBand]) -> str:
    names = sorted({band.product for band in bands})
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _too_little(
    measures: Measures,
    name: str,
    spec: StrategySpec,
    bands: Sequence[SizeBand],
    equity: float,
) -> Iterator[Diagnostic]:
    """A strategy, or its canary, that never asks for as much as an order has to be."""
    asked = measures.values(measures.policy_set.values[f"Strategy/{name}#size_pct"])
    wanted = [value for value in asked.values() if value > 0]
    if not wanted or not bands:
        return
    least = min((band.least for band in bands), key=lambda edge: edge.usd)
    most = max(wanted) * equity / 100
    ratio = float(spec.canary.size_ratio) if spec.canary else 1.0
    words, severity, path = f"`Strategy/{name}`", Severity.ERROR, ("spec", "size_pct")
    if most >= least.usd:
        words, severity = f"the canary of `Strategy/{name}`", Severity.WARNING
        most, path = most * ratio, ("spec", "canary")
    if most < least.usd:
        message = (
            f"at {equity:.10g} USD of equity {words} asks for at most {most:.4g} USD, and "
            f"{least.source} for at least {least.usd:.4g} USD"
        )
        place = named(measures.policy_set, f"Strategy/{name}").places.of(path)
        related = ((least.place, "the minimum"),)
        mend = "ask for more, lower the minimum, or plan for more equity"
        yield Diagnostic("M354", message, place, mend, related, severity=severity)
