"""Where alerts go, as a Deployment says it: what does not go together is refused in words."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from engine.kinds.deployment.alerting import Alerting

GOOD: dict[str, Any] = {
    "routes": {
        "desk": {
            "through": "apprise",
            "secret": "DESK_ROUTE",
            "timeout": "10s",
            "escalates_to": "pager",
        },
        "pager": {
            "through": "alertmanager",
            "secret": "PAGER_ROUTE",
            "timeout": "5s",
            "resend": "1m",
        },
        "book": {"through": "log"},
    },
    "look_every": "2s",
    "group": {"wait": "1s", "lines": 20},
    "retry": {"first": "1s", "most": "1m"},
    "give_up_after": "15m",
    "test_every": "30d",
}
MISFITS = {
    "a service without its secret": ("desk", {"secret": None}, "names its `secret`"),
    "a service without a timeout": ("desk", {"timeout": None}, "and its `timeout`"),
    "a log with an address": ("book", {"secret": "X_Y"}, "the log has no address"),
    "an Alertmanager that is not told again": ("pager", {"resend": None}, "which needs it"),
    "a service that is": ("desk", {"resend": "1m"}, "`resend` belongs to"),
    "an escalation to nobody": ("desk", {"escalates_to": "pagre"}, "which is no route"),
    "an escalation in a circle": ("pager", {"escalates_to": "desk"}, "goes in a circle"),
    "an escalation to itself": ("pager", {"escalates_to": "pager"}, "pager to pager"),
}


@pytest.mark.parametrize(("route", "change", "words"), MISFITS.values(), ids=MISFITS)
def test_a_route_that_cannot_be_meant_is_refused(
    route: str, change: dict[str, object], words: str
) -> None:
    """Each part that a means lacks, or does not have; and ways that never end."""
    written = deepcopy(GOOD)
    written["routes"][route].update(change)
    with pytest.raises(ValidationError, match=words):
        Alerting.model_validate(written)


def test_waits_that_shrink_are_refused() -> None:
    """The first wait is the shortest."""
    written = {**GOOD, "retry": {"first": "2m", "most": "1m"}}
    with pytest.raises(ValidationError, match="longer than the longest"):
        Alerting.model_validate(written)
    assert Alerting.model_validate(GOOD).routes["desk"].escalates_to == "pager"
