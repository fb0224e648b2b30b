"""References to what is not there, and dates that have passed.

In: a policy set, and for dates the time. Out: M355 for a tier that no universe has, M356 for a
quote currency that nobody can value, M357 for a route that nothing delivers to, M358 for an
exclusion without effect, M359 for a waiver that has expired, M364 for a regime nobody can tell,
M365 for a limit on groups that no group is at hand for, M380 for a strategy's own product that
the universe never has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Fix, Severity
from engine.expr.checking.suggest import nearest, sure
from engine.expr.vocabulary import FactScope
from engine.kinds.rule import RuleRole, Scope
from engine.policyset.lint.documents import named, only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

_LIMITS = frozenset({RuleRole.LIMIT, RuleRole.GUARD})


def check(policy_set: PolicySet) -> Iterator[Diagnostic]:
    """Names that stand for nothing."""
    yield from _tiers(policy_set)
    yield from _currencies(policy_set)
    yield from _routes(policy_set)
    yield from _exclusions(policy_set)
    yield from _own_products(policy_set)
    yield from _unlisted_groups(policy_set)
    yield from _reference(policy_set)
    yield from _groups(policy_set)


def check_dates(policy_set: PolicySet, now: UtcTime) -> Iterator[Diagnostic]:
    """Waivers and bans whose time is over."""
    for name, waiver in policy_set.waivers:
        if waiver.until <= now:
            place = named(policy_set, f"Waiver/{name}").places.of(("spec", "until"))
            message = f"the waiver `{name}` expired at {waiver.until}"
            mend = "delete it: expired it has no effect, and it reads as if it had"
            yield Diagnostic("M359", message, place, mend)
    places = only(policy_set, "UniverseFilter").places
    for index, each in enumerate(policy_set.universe.exclude):
        if each.until is not None and each.until <= now:
            place = places.of(("spec", "exclude", index, "until"))
            message = f"the exclusion of {each.symbol} ended at {each.until}"
            mend = "delete it, or exclude the product for longer"
            yield Diagnostic("M358", message, place, mend, severity=Severity.WARNING)


def _tiers(policy_set: PolicySet) -> Iterator[Diagnostic]:
    """Of enabled strategies: one that is off may speak of the tiers of another overlay."""
    known = [tier.name for tier in policy_set.universe.tiers]
    for name, spec in policy_set.strategies:
        places = named(policy_set, f"Strategy/{name}").places
        for index, tier in enumerate(spec.tiers):
            if tier not in known:
                near = nearest(tier, known)
                guess = f"did you mean `{near}`? " if near else ""
                message = f"the universe has no tier `{tier}`"
                place = places.of(("spec", "tiers", index))
                meant = sure(tier, known)
                fix = Fix(place, meant, safe=True) if meant else None
                mend = f"{guess}it has: {', '.join(known)}"
                yield Diagnostic("M355", message, place, mend, fix=fix)


def _currencies(policy_set: PolicySet) -> Iterator[Diagnostic]:
    deployment = policy_set.deployment
    valued = {deployment.numeraire, *deployment.rates}
    places = only(policy_set, "UniverseFilter").places
    for index, currency in enumerate(policy_set.universe.quote_currencies):
        if currency not in valued:
            place = places.of(("spec", "quote_currencies", index))
            message = f"nobody says what {currency} is worth, so every order in it is denied"
            mend = f"state `rates: {{{currency}: …}}` in the Deployment, or leave it out"
            yield Diagnostic("M356", message, place, mend)
    if deployment.liquidate_into not in valued:
        place = only(policy_set, "Deployment").places.of(("spec", "liquidate_into"))
        message = f"nobody says what {deployment.liquidate_into} is worth"
        yield Diagnostic("M356", message, place, "state its rate, or liquidate into the numeraire")


def _routes(policy_set: PolicySet) -> Iterator[Diagnostic]:
    known = sorted(policy_set.deployment.routes)
    for name, spec in policy_set.alerts:
        if spec.route not in known:
            place = named(policy_set, f"AlertRule/{name}").places.of(("spec", "route"))
            near = nearest(spec.route, known)
            guess = f"did you mean `{near}`? " if near else ""
            mend = f"{guess}the Deployment's `alerting.routes` has: {', '.join(known)}"
            message = f"nothing delivers to the route `{spec.route}`"
            yield Diagnostic("M357", message, place, mend)


def _exclusions(policy_set: PolicySet) -> Iterator[Diagnostic]:
    universe = policy_set.universe
    places = only(policy_set, "UniverseFilter").places
    for index, each in enumerate(universe.exclude):
        quote = each.symbol.partition("-")[2]
        if quote not in universe.quote_currencies:
            place = places.of(("spec", "exclude", index, "symbol"))
            message = f"excluding {each.symbol} has no effect: nothing in {quote} is traded"
            mend = f"the universe trades in {', '.join(universe.quote_currencies)}"
            yield Diagnostic("M358", message, place, mend, severity=Severity.WARNING)


def _own_products(policy_set: PolicySet) -> Iterator[Diagnostic]:
    """Products that a strategy names and the universe bans; M315 knows of other currencies."""
    universe = policy_set.universe
    banned = {each.symbol for each in universe.exclude if each.until is None}
    for name, spec in policy_set.strategies:
        places = named(policy_set, f"Strategy/{name}").places
        for index, symbol in enumerate(spec.symbols):
            if symbol in banned:
                place = places.of(("spec", "symbols", index))
                message = f"{symbol} is excluded, so it is never in the universe"
                mend = "leave it out, or let it into the universe"
                yield Diagnostic("M380", message, place, mend)


def _unlisted_groups(policy_set: PolicySet) -> Iterator[Diagnostic]:
    """Groups that a strategy names alone and of which the paper venue lists nothing."""
    paper = policy_set.deployment.paper
    if policy_set.deployment.mode == "live" or paper is None or paper.any_product is not None:
        return
    listed = {each.symbol.partition("-")[0] for each in paper.products}
    groups = policy_set.universe.groups
    for name, spec in policy_set.strategies:
        assets = {asset for each in spec.groups for asset in groups.get(each, ())}
        if spec.groups and not spec.symbols and listed.isdisjoint(assets):
            place = named(policy_set, f"Strategy/{name}").places.of(("spec", "groups"))
            message = f"the paper venue lists no product of {', '.join(spec.groups)}"
            mend = "list one, or name what is listed: the strategy can trade nothing else"
            yield Diagnostic("M330", message, place, mend, severity=Severity.WARNING)


def _reference(policy_set: PolicySet) -> Iterator[Diagnostic]:
    deployment = policy_set.deployment
    paper = deployment.paper
    if deployment.mode == "live" or paper is None or paper.any_product is not None:
        return
    if deployment.regime.reference not in {each.symbol for each in paper.products}:
        place = only(policy_set, "Deployment").places.of(("spec", "regime", "reference"))
        message = f"the paper venue does not list {deployment.regime.reference}"
        mend = "without its quotes the regime is unknown; list it, or name another"
        yield Diagnostic("M364", message, place, mend, severity=Severity.WARNING)


def _groups(policy_set: PolicySet) -> Iterator[Diagnostic]:
    vocabulary = policy_set.vocabulary
    for rule in policy_set.rules:
        if rule.role not in _LIMITS or rule.scope is Scope.GROUP:
            continue
        specs = (vocabulary.spec(name) for name in sorted(vocabulary.base_facts(rule.tree)))
        missing = [s.name for s in specs if s is not None and s.scope is FactScope.GROUP]
        if missing:
            message = f"`{rule.id}` reads `{missing[0]}`, and no group is at hand in its scope"
            mend = "say `scope: group`: the limit then asks once for each group of the product"
            yield Diagnostic("M365", message, rule.place, mend)
