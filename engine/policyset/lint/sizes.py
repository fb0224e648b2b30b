"""Size bands: is there an order at all that the minimums and the caps both allow?

In: a policy set and an equity. Out: `SizeBand`s, for each product and each case of the tables the
largest minimum and the smallest cap of an entry from flat, in the numeraire; M353 where no size
lies between them, M343 where one does that could not be sold again at a stop, after the fee.
A cap of zero says that nothing is wanted in that case, and is no finding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product as combinations
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.kinds.parameters import GROUP_FACT, OTHERS
from engine.kinds.rule import RuleRole
from engine.model.orders import Intent
from engine.policyset.lint.documents import only
from engine.policyset.lint.measures import Measures
from engine.policyset.lint.sums import GROUP, TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.errors import Place
    from engine.policyset.lint.measures import Bound, Case
    from engine.policyset.policyset import PolicySet

_ALL, _BPS = 100, 10_000
_LIMITS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_IN_USD = ("order.notional_usd", "position.value_after_usd", "portfolio.at_risk_after_usd")
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
    to_leave: Edge
    """The smallest entry that is above the venue's minimum when it is sold at its stop."""

    @property
    def empty(self) -> bool:
        """Whether no size is allowed, where one is wanted at all."""
        return 0 < self.most.usd < self.least.usd

    @property
    def trapped(self) -> bool:
        """Whether an entry of the largest size is too small to be left again."""
        return self.least.usd <= self.most.usd < self.to_leave.usd


@dataclass(frozen=True, slots=True)
class _Tradable:
    """A product with its groups, and what the venue asks for at least; "" where none is listed."""

    name: str
    groups: tuple[str, ...]
    minimum: Edge


def check(measures: Measures, equity: float) -> Iterator[Diagnostic]:
    """Bands that are empty at an equity."""
    bands = bands_of(measures, equity)
    yield from _conflicts([band for band in bands if band.empty], bands, equity)
    yield from _traps([band for band in bands if band.trapped], equity)


def size_bands(policy_set: PolicySet, equity_usd: float) -> tuple[SizeBand, ...]:
    """Every band at an equity, by product, then case."""
    return bands_of(Measures(policy_set), equity_usd)


def bands_of(measures: Measures, equity_usd: float) -> tuple[SizeBand, ...]:
    """The same, of measures that are at hand."""
    policy_set = measures.policy_set
    rules = [
        rule for rule in policy_set.rules if rule.role in _LIMITS and Intent.ENTRY in rule.intents
    ]
    bounds = [b for b in measures.bounds(rules) if not b.besides]
    factors = {measures.spelled_name(name): equity_usd / 100 for name in _IN_PCT}
    factors |= {measures.spelled_name(name): 1.0 for name in _IN_USD}
    sized = [(bound, factors[bound.measure]) for bound in bounds if bound.measure in factors]
    stage = {"engine.stage": (policy_set.deployment.stage,)}
    kept = _kept_ratio(policy_set)
    return tuple(
        band
        for tradable in _tradables(policy_set)
        if measures.about(tradable.name, tradable.groups)
        for case in _cases([bound for bound, _ in sized], stage | {GROUP_FACT: tradable.groups})
        for band in _band(tradable, case, sized, kept)
    )


def _kept_ratio(policy_set: PolicySet) -> float:
    """What is left of an entry that is sold at the widest stop of an enabled strategy."""
    stops = [float(spec.exit.stop_pct) for _, spec in policy_set.strategies]
    # A stop of all that was paid sells at no price.
    worst = max((stop for stop in stops if stop < _ALL), default=0.0)
    fee = float(policy_set.deployment.fees.taker_bps)
    return (1 - worst / _ALL) * (1 - fee / _BPS)


def _tradables(policy_set: PolicySet) -> list[_Tradable]:
    """The products whose grid the set knows; without one, an asset of each group."""
    deployment, universe = policy_set.deployment, policy_set.universe
    places = only(policy_set, "Deployment").places
    paper = deployment.paper
    found = []
    for index, listed in enumerate(paper.products if paper else ()):
        base, _, quote = listed.symbol.partition("-")
        rate = deployment.rates.get(quote)
        usd = float(listed.quote_min_size) * (1.0 if rate is None else float(rate.value))
        place = places.of(("spec", "paper", "products", index))
        groups = tuple(name for name, assets in universe.groups.items() if base in assets)
        minimum = Edge(usd, f"the venue, for {listed.symbol},", place)
        found.append(_Tradable(listed.symbol, groups or (OTHERS,), minimum))
    names = (*sorted(universe.groups), OTHERS)
    minimum = _least_of_any(policy_set)
    return found or [_Tradable(f"an asset of group {name}", (name,), minimum) for name in names]


def _least_of_any(policy_set: PolicySet) -> Edge:
    """What the paper venue asks for of products that it does not list; live, nobody knows."""
    places = only(policy_set, "Deployment").places
    paper = policy_set.deployment.paper
    if paper is None or paper.any_product is None:
        return Edge(0.0, "the venue", places.of(("spec", "venue")))
    place = places.of_key(("spec", "paper", "any_product"))
    return Edge(float(paper.any_product.quote_min_size), "the venue", place)


def _cases(bounds: Sequence[Bound], known: Mapping[str, tuple[str, ...]]) -> list[Case]:
    """Every combination of the enums that the bounds depend on, as far as they are not known."""
    values: dict[str, dict[str, None]] = {}
    for bound in bounds:
        for case in bound.values:
            for fact, value in case:
                if fact not in known or value in known[fact]:
                    values.setdefault(fact, {})[value] = None
    return [
        frozenset(zip(values, chosen, strict=True)) for chosen in combinations(*values.values())
    ]


def _band(
    tradable: _Tradable, case: Case, sized: Sequence[tuple[Bound, float]], kept: float
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
        most = min(highs, key=lambda edge: edge.usd)
        to_leave = replace(tradable.minimum, usd=tradable.minimum.usd / kept)
        yield SizeBand(tradable.name, case, least, most, to_leave)


def _conflicts(
    empty: Sequence[SizeBand], bands: Sequence[SizeBand], equity: float
) -> Iterator[Diagnostic]:
    """One finding for each pair of limits that leave nothing between them."""
    for found in _by_sources(empty):
        tightest = min(found, key=lambda band: band.most.usd)
        everywhere = all(b.empty or b.most.usd <= 0 for b in bands if b.product == tightest.product)
        severity = Severity.ERROR if everywhere else Severity.WARNING
        yield _no_size(tightest, _products(found), equity, severity)


def _by_sources(bands: Sequence[SizeBand]) -> list[list[SizeBand]]:
    found: dict[tuple[str, str], list[SizeBand]] = {}
    for band in bands:
        found.setdefault((band.least.source, band.most.source), []).append(band)
    return list(found.values())


def _traps(trapped: Sequence[SizeBand], equity: float) -> Iterator[Diagnostic]:
    for found in _by_sources(trapped):
        band = min(found, key=lambda each: each.most.usd)
        message = (
            f"at {equity:.10g} USD of equity {band.most.source} allows at most "
            f"{band.most.usd:.4g} USD for {_products(found)}, and less than "
            f"{band.to_leave.usd:.4g} USD cannot be sold again at the stop, after the fee"
        )
        mend = "raise the cap, or plan for more equity"
        related = ((band.to_leave.place, "the venue's minimum"),)
        yield Diagnostic("M343", message, band.most.place, mend, related)


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
