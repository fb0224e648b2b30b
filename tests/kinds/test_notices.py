"""What notices carry, as a Deployment says it: what does not go together is refused in words."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from engine.kinds.deployment.notices import Links, Summary

GOOD: dict[str, Any] = {
    "address": "https://night.example.org:8443",
    "secret": "LINK_KEY",
    "last_for": "15m",
    "offer": ["ack", "halt", "tighten"],
    "tighten_for": "4h",
}
MISFITS = {
    "plain text beyond this machine": ({"address": "http://night.example.org"}, "no `https://`"),
    "no address": ({"address": "night.example.org"}, "no `https://` address"),
    "a path": ({"address": "https://example.org/night"}, "more than a host and a port"),
    "a password": ({"address": "https://me:x@example.org"}, "more than a host and a port"),
    "a tightening without a time": ({"tighten_for": None}, "for how long"),
    "a time without a tightening": ({"offer": ["ack"]}, "for how long"),
    "an offer twice": ({"offer": ["ack", "ack", "tighten"]}, "names something twice"),
    "what loosens": ({"offer": ["resume"]}, "Input should be"),
}


@pytest.mark.parametrize(("change", "words"), MISFITS.values(), ids=MISFITS)
def test_links_that_cannot_be_meant_are_refused(change: dict[str, object], words: str) -> None:
    """An address that others could read, and parts that do not belong together."""
    with pytest.raises(ValidationError, match=words):
        Links.model_validate({**GOOD, **change})


@pytest.mark.parametrize("host", ["localhost:8766", "127.0.0.1", "[::1]:8766"])
def test_this_machine_does_without_tls(host: str) -> None:
    """For whoever tries it, and for a tunnel that begins here."""
    assert Links.model_validate({**GOOD, "address": f"http://{host}/"}).base == f"http://{host}"


def test_a_summary_has_a_time_in_a_zone() -> None:
    """An hour that no clock shows and a zone that nobody has are refused."""
    good = {"at": "07:30", "zone": "Europe/Berlin", "route": "desk"}
    assert Summary.model_validate(good).at == "07:30"
    for change in ({"at": "7:30"}, {"at": "24:00"}, {"zone": "Europe/Bonn"}):
        with pytest.raises(ValidationError):
            Summary.model_validate({**good, **change})
