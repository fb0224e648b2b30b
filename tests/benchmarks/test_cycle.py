"""What `bench_cycle.py` claims, with bounds loose enough for a busy machine."""

from __future__ import annotations

from benchmarks.bench_cycle import measure_cycles, measure_decision


def test_a_whole_cycle_costs_little_more_than_judging_alone_does_elsewhere() -> None:
    """Facts, rules, orders, alerts and records together stay near simpleeval's judging alone."""
    measured = measure_cycles(products=120, cycles=12)
    assert measured.rules >= 30
    assert measured.orders > 0
    assert measured.ratio < 4.0


def test_a_whole_decision_costs_about_what_judging_and_writing_cost_elsewhere() -> None:
    """With every comparison, reason and headroom told, it stays near simpleeval and json alone."""
    measured = measure_decision(rounds=5, loops=20)
    assert measured.rules >= 25
    assert measured.ours_s < 2.5 * measured.peer_s
