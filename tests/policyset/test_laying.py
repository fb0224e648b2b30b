"""One value laid over a sealed set: what an overlay would make, and what an overlay refuses."""

from __future__ import annotations

import pytest
from policyset.sets import POLICIES, shipped

from engine.cycle.records.activation import activated_set, activation_body
from engine.policyset.laying import laid_over
from engine.policyset.opening import load_policy_set

OVERLAY = """
apiVersion: mandate/v1
kind: PolicySet
metadata: {name: night, description: Less for a night.}
spec:
  base: ".."
  patches:
    - {target: RiskLimit/max_position, set: {params.max_position_pct.bull: 1.50}, reason: a night}
"""


def test_it_has_the_hash_of_an_overlay_with_that_patch() -> None:
    """The way in which a value came in is no part of a seal, and neither is how it is spelt."""
    draft = (POLICIES / "small" / "policyset.yaml").resolve()
    overlay = load_policy_set(POLICIES / "small", drafts={draft: OVERLAY.encode()}).required()
    base = shipped()
    for name in ("RiskLimit/max_position", "max_position"):
        laid = laid_over(base, name, "params.max_position_pct.bull", "1.5").required()
        assert laid.hash == overlay.hash != base.hash


def test_it_is_made_of_a_ledger_alike() -> None:
    """From the files, and from what a record holds of them, comes the same set."""
    base = shipped()
    recorded = activated_set(activation_body(base))
    made = [laid_over(e, "max_position", "trim.after", "1h").required() for e in (base, recorded)]
    assert made[0].hash == made[1].hash != base.hash


REFUSED = {
    "no such document": ("max_positio", "params.x", "1", "M150"),
    "no such path": ("max_position", "params.max_pct", "1", "M151"),
    "no value": ("max_position", "params.max_position_pct", "", "M113"),
    "no YAML": ("max_position", "params.max_position_pct", '"1', "M112"),
    "of another type": ("max_position", "params.max_position_pct.bull", "one", "M305"),
    "an unknown fact": ("max_position", "require", "position.pct <= 1 and x.y", "M203"),
    "a part that is missing": ("max_position", "trim", "{at_least_pct: 1}", "M304"),
    "against another field": ("account", "alerting.routes.desk.through", "apprise", "M312"),
}


@pytest.mark.parametrize(("name", "path", "value", "code"), REFUSED.values(), ids=REFUSED)
def test_what_an_overlay_refuses(name: str, path: str, value: str, code: str) -> None:
    """In the same words, and no set comes of it."""
    found = laid_over(shipped(), name, path, value)
    assert found.policy_set is None
    assert code in [each.code for each in found.diagnostics]
