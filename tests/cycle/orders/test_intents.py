"""An exit plan takes the strategy's condition with it, its parameters as numbers."""

from __future__ import annotations

from fakes.bench import EAGER, Bench

WHEN = EAGER.replace("target_pct: 5,", 'target_pct: 5, when: "quote.spread_bps > params.wide_bps",')
WHEN = WHEN.replace("size_pct: 1}", "size_pct: 1, wide_bps: 70}")


def test_a_condition_is_written_with_its_numbers() -> None:
    """A later set with another parameter does not change a plan that is open."""
    bench = Bench((WHEN,))
    bench.cycle()
    plans = {each.intent.plan.when for each in bench.venue.received if each.intent.plan}
    (text,) = plans
    assert text is not None
    assert "params" not in text
    assert "policy." not in text
    assert "70" in text
    assert "quote." in text
