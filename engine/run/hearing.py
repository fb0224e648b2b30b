"""What a person may do about alerts, asked of the ledger before a command is left for the loop.

In: a ledger, what a person typed. Out: what is meant. Refuses (M906) an alert that no rule is, or
that does not fire, with those that do; (M907) a silence that there is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.cycle.alerting.hands import EVERY, keyed
from engine.errors import Diagnostic, MandateError
from engine.expr.checking.suggest import nearest
from engine.run.status import status_of

if TYPE_CHECKING:
    from engine.ledger.alerts import RouteTest, Silence
    from engine.policyset.policyset import PolicySet
    from engine.run.ledgers import LedgerView
    from engine.run.status import Status

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Heard:
    """What the routes of a test answered so far; `open` are those that nobody knows of yet."""

    answered: dict[str, RouteTest]
    open: tuple[str, ...]


def check_firing(status: Status, target: str) -> None:
    """Whether something fires that this target means; raises MandateError (M906)."""
    firing = [key for key, alert in status.state.alerts.items() if alert.fires]
    rule, about = keyed(target)
    if target == EVERY and firing:
        return
    if any(key[0] == rule and about in {"", key[1]} for key in firing):
        return
    names = sorted(f"{name}:{key}" if key else name for name, key in firing)
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    message = f"`{target}` does not fire" if target != EVERY else "no alert fires"
    mend = f"what fires: {shown}" if names else "nothing fires at the moment"
    raise MandateError([Diagnostic("M906", message, None, mend)])


def check_rule(status: Status, target: str) -> None:
    """Whether the set of the ledger has this alert; raises MandateError (M906)."""
    policy_set = set_of(status)
    rule, about = keyed(target)
    specs = {} if policy_set is None else dict(policy_set.alerts)
    if policy_set is None or (rule in specs and (not about or specs[rule].scope == "symbol")):
        return
    if rule in specs:
        message = f"`{rule}` is about the account, and has no products"
        raise MandateError([Diagnostic("M906", message, None, f"silence `{rule}`")])
    near = nearest(rule, sorted(specs))
    mend = f"did you mean `{near}`?" if near else "`policy show` lists the alerts of a set"
    raise MandateError([Diagnostic("M906", f"the set has no alert `{rule}`", None, mend)])


def silence_named(status: Status, number: int) -> Silence:
    """A silence that lasts; raises MandateError (M907)."""
    found = status.state.telling.silences
    if number in found and (status.last is None or found[number].until > status.last.time):
        return found[number]
    told = ", ".join(str(each) for each in found) or "none"
    message = f"there is no silence {number}"
    raise MandateError([Diagnostic("M907", message, None, f"silences: {told}")])


def set_of(status: Status) -> PolicySet | None:
    """The set of the ledger, where this release can build it."""
    return None if status.named is None else status.named.policy_set


def heard_since(view: LedgerView, routes: tuple[str, ...], before: int) -> Heard:
    """Which of these routes have settled a test that was asked for after so many notices."""
    state = status_of(view).state
    waits = {route for number, route in state.telling.waiting if number >= before}
    asked = state.telling.next_notice > before
    done = tuple(each for each in routes if asked and each not in waits)
    tests = {each: state.telling.tests[each] for each in done if each in state.telling.tests}
    return Heard(tests, tuple(each for each in routes if each not in tests))
