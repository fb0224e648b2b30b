"""The same invariants under steps that hypothesis chooses, because those shrink."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from histories.documents import Version
from histories.faults import OF_REQUESTS, OF_SURROUNDINGS, Fault
from histories.history import History
from histories.invariants import Broken
from histories.plan import Duplicates, Point, Strike, plan_of
from histories.rest import at_rest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from histories.process import Ending, Process

# What a plan would decide, the machine decides; lists and quotes are honest here.
_PLAN = replace(
    plan_of(0),
    faults=frozenset(),
    strikes=(),
    cycles=10_000,
    duplicates=Duplicates.RETURNS_OLD,
    keyed=False,
)

_LAST_MINUTES = 10


class Histories(RuleBasedStateMachine):
    """A process, its venue and its surroundings, moved by hand; faults stop at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History(_PLAN)
        self.running: Process | None = None

    @initialize(products=st.integers(1, 3), page=st.sampled_from([2, 250]))
    def begin(self, products: int, page: int) -> None:
        """A venue of this kind, and a first process."""
        self.history = History(replace(_PLAN, products=products, page=page))
        self._start()

    @rule(seconds=st.sampled_from([1.0, 15.0, 40.0, 150.0]))
    def wait(self, seconds: float) -> None:
        """Time passes; a process that has ended is started again by somebody."""
        with _told():
            if self.running is None:
                self.history.world.idle(seconds)
                self._start()
            else:
                self._ended(self.running.step(seconds))

    @rule(faults=st.lists(st.sampled_from(OF_REQUESTS), min_size=1, max_size=3))
    def requests_fail(self, faults: list[Fault]) -> None:
        """The next requests meet these."""
        self.history.world.door.next_faults += faults

    @rule(
        fault=st.sampled_from([f for f in OF_SURROUNDINGS if f is not Fault.POLICY_CHANGED]),
        point=st.sampled_from(Point),
        passing=st.integers(1, 12),
        size=st.floats(0, 0.99),
    )
    def strikes(self, fault: Fault, point: Point, passing: int, size: float) -> None:
        """Something happens when the process passes one of its points."""
        self.history.world.aim(Strike(fault, point, passing, size))

    @rule(version=st.sampled_from(Version))
    def documents_change(self, version: Version) -> None:
        """Another set lies in the policy directory."""
        self.history.world.put_folder(version)

    def _start(self) -> None:
        with _told():
            self.running = self.history.process()
            self._ended(self.running.start())

    def _ended(self, ending: Ending | None) -> None:
        if ending is not None:
            self.running = None
            self.history.between(ending)

    def teardown(self) -> None:
        """Faults stop: trading comes back, and ledger and venue are the same."""
        with _told():
            self.history.mend(restart=True)
            # One that is in the middle of waiting for the venue ends only after it.
            for _ in range(_LAST_MINUTES):
                if self.running is not None:
                    self._ended(self.running.step(60.0))
            self.running = None
            self.history.to_the_end()
            at_rest(self.history.world)


@contextmanager
def _told() -> Iterator[None]:
    """A broken invariant as a failure that hypothesis may shrink; it takes Ctrl-C for an end."""
    try:
        yield
    except Broken as broken:
        raise AssertionError(str(broken)) from broken


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=6, stateful_step_count=12, deadline=None)
