"""How a UniverseFilter lowers: two rules a tier, who enters and who may stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.vocabulary import FactScope
from engine.kinds import parameters
from engine.kinds.base import content_of
from engine.kinds.lowering import Circumstances, Lowered, Meaning, Reader
from engine.kinds.rule import RuleRole, Scope
from engine.kinds.universe_filter.document import UniverseFilterDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Document
    from engine.kinds.lowering import Surroundings

_SCOPES = frozenset({FactScope.ACCOUNT, FactScope.VENUE, FactScope.SYMBOL})
_ENTER = Circumstances(role=RuleRole.TIER_ENTER, scope=Scope.SYMBOL)
_STAY = Circumstances(role=RuleRole.TIER_STAY, scope=Scope.SYMBOL)


def lower(document: Document, surroundings: Surroundings) -> Lowered:
    """For each tier, `#TIER_enter` and `#TIER_stay`; a tier without `stay` stays as it enters."""
    spec = content_of(document, UniverseFilterDocument).spec
    reader = Reader(document, surroundings.vocabulary)
    shared, *own = _blocks(document)
    everywhere = reader.bound(shared)
    for index, (tier, block) in enumerate(zip(spec.tiers, own, strict=True)):
        reader.diagnostics.extend(_hidden(shared, block))
        bound = reader.bound(block, shared)
        enter_path = ("spec", "tiers", index, "require")
        entered = bound.rule(enter_path, f"{tier.name}_enter", _ENTER, _SCOPES)
        if tier.stay is not None:
            bound.rule(("spec", "tiers", index, "stay"), f"{tier.name}_stay", _STAY, _SCOPES)
        elif entered is not None:
            bound.add(enter_path, f"{tier.name}_stay", _STAY, entered.tree)
        bound.report_unused()
        everywhere.used |= bound.used
    everywhere.report_unused()
    return reader.lowered()


def _blocks(document: Document) -> tuple[parameters.Block, ...]:
    """The numbers of all tiers, then those of each."""
    spec = content_of(document, UniverseFilterDocument).spec
    shared = parameters.Block(document.id, parameters.scope_of(document), spec.params)
    return shared, *(
        parameters.Block(
            f"{document.id}#{tier.name}",
            parameters.scope_of(document, ("spec", "tiers", index, "params"), tier.name),
            tier.params,
        )
        for index, tier in enumerate(spec.tiers)
    )


def _hidden(shared: parameters.Block, own: parameters.Block) -> Iterator[Diagnostic]:
    """A name that a tier and the whole filter both give would be two numbers under one name."""
    for name in own.params:
        if name in shared.params:
            places = own.scope.document.places
            place = places.of_key((*own.scope.path, name))
            related = ((places.of_key((*shared.scope.path, name)), "for all tiers"),)
            message = f"parameter `{name}` is a number of this tier and of all tiers"
            mend = "give it one home, or two names"
            yield Diagnostic("M389", message, place, mend, related)


MEANING = Meaning(blocks=_blocks, lower=lower)
