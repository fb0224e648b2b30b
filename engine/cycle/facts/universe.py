"""Facts that the set itself says of a product: groups, tier, exclusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.policyset.composing import NO_TIER

if TYPE_CHECKING:
    from engine.expr.nodes import Value
    from engine.kinds.universe_filter.document import Exclusion, UniverseFilterSpec
    from engine.ledger.state import Membership
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

OTHERS = "others"


def groups_of(universe: UniverseFilterSpec, symbol: Symbol) -> frozenset[str]:
    """The groups that name the product's asset."""
    return frozenset(name for name, assets in universe.groups.items() if symbol.base in assets)


def limit_groups(universe: UniverseFilterSpec, symbol: Symbol) -> tuple[str, ...]:
    """The groups whose limits an order of the product must meet; `others` when it is in none."""
    return tuple(sorted(groups_of(universe, symbol))) or (OTHERS,)


def excluded(universe: UniverseFilterSpec, symbol: Symbol, now: UtcTime) -> str | None:
    """Why the product is excluded at this time; None when it is not."""
    name = str(symbol)
    for each in universe.exclude:
        if each.symbol == name and _in_force(each, now):
            return each.reason
    return None


def _in_force(exclusion: Exclusion, now: UtcTime) -> bool:
    return exclusion.until is None or now < exclusion.until


def excluded_now(universe: UniverseFilterSpec, now: UtcTime) -> frozenset[str]:
    """The names of the products that are excluded at this time."""
    return frozenset(each.symbol for each in universe.exclude if _in_force(each, now))


def tier_of(member: Membership | None) -> str:
    """The tier's name, or the word for none."""
    return member.tier if member else NO_TIER


def universe_facts(
    universe: UniverseFilterSpec, member: Membership | None, symbol: Symbol, now: UtcTime
) -> dict[str, Value]:
    """`asset.groups`, `asset.tier` and `asset.excluded`: always known."""
    return {
        "asset.groups": groups_of(universe, symbol),
        "asset.tier": tier_of(member),
        "asset.excluded": excluded(universe, symbol, now) is not None,
    }
