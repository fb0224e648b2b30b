"""Small policy sets with a strategy whose source is Python, given as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cycle.small_sets import documents

from engine.kinds.base import SourceText
from engine.policyset.composing import compose

if TYPE_CHECKING:
    from engine.policyset.composing import Composed
    from engine.policyset.policyset import PolicySet

NAME = "asked"


def asked(**spec: str) -> str:
    """A Strategy with a source, unless the keywords say otherwise."""
    fields = {
        "enabled": "true",
        "tiers": "[core]",
        "python": "{file: asked.py, facts: [quote.bid], max_steps: 1000}",
        "min_conviction": "0.4",
        "params": "{size_pct: 2}",
        "exit": "{stop_pct: 5, blind_exit_after: 30m}",
        "budget": "{at_risk_pct: 20}",
        **spec,
    }
    body = "".join(f"  {key}: {value}\n" for key, value in fields.items())
    return f"\nkind: Strategy\nmetadata: {{name: {NAME}, description: A source.}}\nspec:\n{body}"


def composed(source: str | None, *texts: str, **spec: str) -> Composed:
    """What the base set makes of a strategy with this source."""
    parts = [
        replace(each, source=SourceText("asked.py", source))
        if each.name == NAME and source is not None
        else each
        for each in documents(asked(**spec), *texts)
    ]
    return compose(parts, "test")


def python_set(source: str, *texts: str, **spec: str) -> PolicySet:
    """The base set with a strategy of this source, and these documents."""
    result = composed(source, *texts, **spec)
    assert result.policy_set is not None, result.diagnostics
    return result.policy_set
