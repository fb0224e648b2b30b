"""Other sets for a bench: candidates made of its documents, and checks of a known outcome."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from fakes.bench import bench_set

from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.reloading.candidate import Candidate, Compared, Order, Provenance
from engine.cycle.reloading.reloads import Reloads
from engine.cycle.reloading.swapping import swap
from engine.model.approvals import Approval, Signer
from engine.model.orders import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.bench import Bench

    from engine.cycle.reloading.candidate import Outcome
    from engine.policyset.policyset import PolicySet

SIGNED = Approval(7, (Signer("anna", "SHA256:x"),), Mode.PAPER, "c0ffee")
FROM = Provenance("c0ffee", SIGNED, 12, Compared("NOT_LOOSER", "SAME"))
ANNA = Order("anna", "reviewed")


@cache
def candidate(*texts: str, mode: Mode = Mode.PAPER) -> Candidate:
    """A bench's set with other documents in it, checked."""
    policy_set = bench_set(*texts)
    return Candidate(policy_set, Programme(policy_set, mode), Judge(policy_set, mode), FROM)


def reloads_of(bench: Bench, answer: Callable[[], Outcome]) -> Reloads:
    """Reloads of a bench's desk whose checks come to this."""

    async def check(_order: Order, _running: PolicySet) -> Outcome:
        return answer()

    bench.desk.reloads = Reloads(bench.desk.policy_set, check)
    return bench.desk.reloads


def taken(bench: Bench, *texts: str) -> Candidate:
    """Have the bench take another set, as at a cycle's boundary."""
    found = candidate(*texts, mode=bench.mode)
    swap(bench.desk, found, ANNA, bench.clock.now())
    return found
