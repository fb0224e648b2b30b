"""A plan is a function of its seed and of the requests: the same again, anywhere."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.venue.faults.kinds import Effect, Fault, FaultKind
from engine.venue.faults.plan import Chance, FaultPlan, Planner, Scripted
from engine.venue.faults.reading import EVERY_FAULT
from engine.venue.faults.routes import FITTING, PREFIX, Route, means, route_of

REQUESTS = [
    ("POST", "/orders"),
    ("POST", "/orders/batch_cancel"),
    ("POST", "/orders/preview"),
    ("GET", "/orders/historical/fills"),
    ("GET", "/time"),
]
PATHS = st.sampled_from(REQUESTS)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**63 - 1), st.lists(PATHS, max_size=40))
def test_the_same_seed_spoils_the_same_requests_in_the_same_way(
    seed: int, requests: list[tuple[str, str]]
) -> None:
    """And a request before it never changes what happens to one after it."""
    plan = FaultPlan(seed, chance=Chance(0.5, EVERY_FAULT))
    first, second, shifted = Planner(plan), Planner(plan), Planner(plan)
    drawn = [first.fault_for(*each, b"") for each in requests]
    assert drawn == [second.fault_for(*each, b"anything") for each in requests]
    if len(requests) > 1:
        shifted.fault_for("GET", "/accounts", b"")
        assert drawn[1:] == [shifted.fault_for(*each, b"") for each in requests[1:]]


def test_chance_reaches_every_fault_that_fits_and_none_that_does_not() -> None:
    """Over many draws each request meets exactly the kinds of its route, about at the rate."""
    planner = Planner(FaultPlan(3, chance=Chance(0.5, EVERY_FAULT)))
    for method, path in REQUESTS:
        found = [planner.fault_for(method, PREFIX + path, b"") for _ in range(1000)]
        kinds = Counter(fault.kind for fault in found if fault)
        assert set(kinds) == FITTING[route_of(method, path)] & EVERY_FAULT
        assert 350 < kinds.total() < 650


def test_chance_keeps_to_its_measures_and_never_acts_behind_a_documented_refusal() -> None:
    """Delays lie in their spans; after a 4xx nothing happened; effects hide behind doubt alone."""
    chance = Chance(1.0, EVERY_FAULT, late_s=(2, 3), lag_s=(4, 5), lasts_s=(6, 7), drip_s=(8, 9))
    planner = Planner(FaultPlan(5, chance=chance))
    spans = {
        FaultKind.LATE_ARRIVAL: ("delay_s", 2, 3),
        FaultKind.LIST_LAG: ("lag_s", 4, 5),
        FaultKind.PRODUCT_HALTED: ("lasts_s", 6, 7),
        FaultKind.SLOW_DRIP: ("delay_s", 8, 9),
    }
    for number in range(2000):
        fault = planner.fault_for(*REQUESTS[number % len(REQUESTS)], b"")
        assert fault is not None
        if fault.kind in spans:
            name, least, most = spans[fault.kind]
            assert least <= getattr(fault, name) <= most
        if fault.kind is FaultKind.STATUS and fault.status < 500:
            assert fault.effect is Effect.BEFORE
        if fault.kind is FaultKind.SUCCESS_FALSE and fault.effect is Effect.AFTER:
            assert fault.word == "A_WORD_NOBODY_KNOWS"


def test_no_chance_no_fault() -> None:
    """An empty plan spoils nothing; kinds that fit no request spoil nothing either."""
    assert Planner(FaultPlan()).fault_for("POST", "/orders", b"") is None
    lists_only = Chance(1.0, frozenset({FaultKind.LIST_LAG}))
    assert Planner(FaultPlan(chance=lists_only)).fault_for("POST", "/orders", b"") is None


LOST = Fault(FaultKind.REQUEST_LOST)
LINES = {
    "every one": (Scripted("POST", "/orders", LOST), [1, 2, 3, 4]),
    "but the first two": (Scripted("POST", "/orders", LOST, skip=2), [3, 4]),
    "the second alone": (Scripted("POST", "/orders", LOST, skip=1, times=1), [2]),
    "those that hold a text": (Scripted("POST", "/orders", LOST, having=b"3"), [3]),
    "none of another path": (Scripted("POST", "/orders/preview", LOST), []),
    "none of another method": (Scripted("GET", "/orders", LOST), []),
}


@pytest.mark.parametrize(("line", "hit"), LINES.values(), ids=LINES)
def test_a_line_hits_what_it_says(line: Scripted, hit: list[int]) -> None:
    """Counted among the requests that it is about."""
    planner = Planner(FaultPlan(script=(line,)))
    faults = [planner.fault_for("POST", f"{PREFIX}/orders", str(n).encode()) for n in range(1, 5)]
    assert [n for n, fault in enumerate(faults, start=1) if fault] == hit


def test_the_first_line_that_hits_decides_and_chance_comes_last() -> None:
    """A line that is used up leaves the request to the next."""
    lines = (
        Scripted("POST", "/orders", LOST, times=1),
        Scripted("POST", "/orders", Fault(FaultKind.HTML_BODY), times=1),
    )
    chance = Chance(1.0, frozenset({FaultKind.GARBAGE_BODY}))
    planner = Planner(FaultPlan(0, lines, chance))
    found = [planner.fault_for("POST", "/orders", b"") for _ in range(3)]
    kinds = [fault.kind for fault in found if fault]
    assert kinds == [FaultKind.REQUEST_LOST, FaultKind.HTML_BODY, FaultKind.GARBAGE_BODY]


PATTERNS = {
    "with and without the prefix": ("/orders", f"{PREFIX}/orders", True),
    "the public half": ("/products", f"{PREFIX}/market/products", True),
    "one part": ("/orders/historical/*", "/orders/historical/abc", True),
    "not two parts": ("/orders/*", "/orders/historical/abc", False),
    "not its beginning alone": ("/orders", "/orders/preview", False),
}


@pytest.mark.parametrize(("pattern", "path", "meant"), PATTERNS.values(), ids=PATTERNS)
def test_a_pattern_means_whole_paths(pattern: str, path: str, *, meant: bool) -> None:
    """Part by part, a star for any one."""
    assert means(pattern, path) is meant


def test_every_route_has_its_faults() -> None:
    """No fault is without a request that it fits."""
    assert set(FITTING) == set(Route)
    assert frozenset().union(*FITTING.values()) == frozenset(FaultKind)
