"""The whole examination: every section, in the order in which a person should read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.orders import Mode
from engine.run.doctor import rules, standing
from engine.run.doctor.checks import Check, Level, Section
from engine.run.doctor.routes import routes
from engine.run.doctor.surroundings import Surroundings, around, waivers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.policyset.policyset import PolicySet
    from engine.run.status import Status

__all__ = ["Surroundings", "examine"]


def examine(policy_set: PolicySet, status: Status | None, seen: Surroundings) -> tuple[Check, ...]:
    """Everything about the set, and about the ledger where there is one."""
    mode = Mode(status.state.mode) if status and status.state.mode else _stated(policy_set)
    checks = [*rules.armed(policy_set, mode), *rules.missing(policy_set, mode, seen.now)]
    if status is not None:
        checks += [*rules.undecided(status), *_of_another_set(policy_set, status)]
        checks += [*standing.tripped(status), *standing.headroom(status)]
    state = status.state if status is not None else None
    checks += [*routes(policy_set, seen.routes, state), *waivers(policy_set, seen.now)]
    return (*checks, *around(mode, status, seen))


def _stated(policy_set: PolicySet) -> Mode:
    return Mode(policy_set.deployment.mode)


def _of_another_set(policy_set: PolicySet, status: Status) -> Iterator[Check]:
    """The headroom and the latches of a ledger are those of the set that it runs."""
    if status.named is not None and status.named.hash != policy_set.hash:
        says = f"the ledger runs {status.named.name} {status.named.hash}"
        yield Check(Section.MISSING, Level.LOOK, f"{policy_set.name} is not active", says)
