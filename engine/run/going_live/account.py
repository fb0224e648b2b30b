"""What the venue said: the key, its age, the clocks, and what trading costs there.

In: `VenueSeen`, the set. Out: evidence. What nobody could be asked is told as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.times import duration_text
from engine.run.going_live.evidence import Evidence, Proof, either, lacking, shown
from engine.run.going_live.venue import UNREACHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.errors import Diagnostic
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.run.going_live.venue import VenueSeen

_CLOCK = "M467"
_KEY = "key"
_MADE = "say it in `COINBASE_API_KEY_CREATED` and `COINBASE_API_SECRET_CREATED`, beside the key"
_AGAIN = "mend what stands above it, and ask again"
_MAY = "may view and trade, and not transfer"


def of_venue(policy_set: PolicySet, seen: VenueSeen, now: UtcTime) -> Iterator[Evidence]:
    """The key first: without one nobody is asked."""
    yield _key(seen)
    yield _age(policy_set, seen, now)
    yield _clocks(seen)
    yield _fees(policy_set, seen)


def _key(seen: VenueSeen) -> Evidence:
    wrong = [each for each in seen.findings if each.code not in {*UNREACHED, _CLOCK}]
    if wrong:
        return lacking(_KEY, _told(wrong), _MAY, wrong[0].help or "make another key")
    if seen.key is None:
        return _untold(_KEY, seen, _MAY)
    return shown(_KEY, f"{_MAY}, says {seen.at}", _MAY)


def _age(policy_set: PolicySet, seen: VenueSeen, now: UtcTime) -> Evidence:
    terms = policy_set.deployment.going_live
    needed = (
        "stated in `going_live`" if terms is None else f"at most {duration_text(terms.key_age)}"
    )
    mend = "rotate it (docs/runbook.md), and say when the new one was made"
    if seen.created is None:
        found = "nobody says when it was made"
        return lacking("key age", found, needed, _MADE)
    days = now.since_s(seen.created) / 86_400
    met = terms is not None and now.since_s(seen.created) <= terms.key_age
    return either("key age", f"{days:.1f} d", needed, mend, met=met)


def _clocks(seen: VenueSeen) -> Evidence:
    needed = "no breaker of the set would trip"
    wrong = [each for each in seen.findings if each.code == _CLOCK]
    if wrong:
        return lacking("clock", _told(wrong), needed, wrong[0].help or "set the clock")
    if seen.clocks is None:
        return _untold("clock", seen, needed)
    found = f"{seen.clocks.skew_ms:+.0f} ms to {seen.at}, {seen.clocks.drift_ms:+.0f} ms in itself"
    return shown("clock", found, needed)


def _fees(policy_set: PolicySet, seen: VenueSeen) -> Evidence:
    """The tier that the account is in; a dearer one than assumed makes every entry wrong."""
    assumed = policy_set.deployment.fees
    needed = f"at most {assumed.maker_bps} and {assumed.taker_bps} bps"
    if seen.fees is None:
        return _untold("fee tier", seen, needed)
    found = f"{seen.fees.maker_bps} bps maker, {seen.fees.taker_bps} bps taker"
    met = seen.fees.maker_bps <= assumed.maker_bps and seen.fees.taker_bps <= assumed.taker_bps
    mend = "assume in the Deployment's `fees` what the venue takes"
    return either("fee tier", found, needed, mend, met=met)


def _untold(name: str, seen: VenueSeen, needed: str) -> Evidence:
    """Nobody was asked, or nobody answered: which of the two is told with the key."""
    unreached = [each for each in seen.findings if each.code in UNREACHED]
    if unreached:
        mend = unreached[0].help or _AGAIN
        return Evidence(name, Proof.UNTOLD, _told(unreached), needed, mend)
    found = "not asked without a key that may" if seen.findings else "the venue did not say"
    return Evidence(name, Proof.UNTOLD, found, needed, _AGAIN)


def _told(findings: list[Diagnostic] | tuple[Diagnostic, ...]) -> str:
    return "; ".join(f"{each.code} {each.message}" for each in findings)
