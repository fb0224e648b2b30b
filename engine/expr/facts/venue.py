"""Facts of the venue as we meet it; a ratio of no events is 0, ratios have a minimum sample."""

from __future__ import annotations

from engine.expr.facts.building import Source
from engine.expr.units import Unit
from engine.expr.vocabulary import Absence, FactScope, FactSpec
from engine.model.orders import Mode

_VENUE = Source(FactScope.VENUE, "cycle.facts.venue")


def _share(name: str, sentence: str) -> FactSpec:
    return _VENUE.number(
        name,
        Unit.RATIO,
        sentence,
        absence=Absence.NEVER_HAPPENED,
        first_value=0.0,
        low=0,
        high=1,
        threshold=(0.0001, 1.0),
    )


VENUE_FACTS: tuple[FactSpec, ...] = (
    _VENUE.flag("venue.reachable", "whether it answered the last request"),
    _share("venue.orders_error_ratio_5m", "failed order requests of those in five minutes"),
    _share("venue.reads_error_ratio_5m", "failed reads of those in five minutes"),
    _share(
        "venue.reject_ratio_1h",
        "rejected orders of those in the last hour; a post-only that would cross is not one",
    ),
    _VENUE.number(
        "venue.errors_consecutive_count",
        Unit.COUNT,
        "failed requests in a row",
        absence=Absence.NEVER_HAPPENED,
        first_value=0.0,
        low=0,
    ),
    _VENUE.number(
        "venue.rate_limited_age_s",
        Unit.S,
        "time since it last told us to slow down",
        absence=Absence.SINCE_GENESIS,
        low=0,
    ),
    _VENUE.number(
        "venue.unknown_orders_count", Unit.COUNT, "orders whose outcome nobody can say yet", low=0
    ),
    _VENUE.number(
        "venue.latency_p95_ms",
        Unit.MS,
        "95th percentile of its answer times in five minutes",
        absence=Absence.NEVER_HAPPENED,
        first_value=0.0,
        low=0,
    ),
    _VENUE.number(
        "venue.clock_skew_ms",
        Unit.MS,
        "its clock less ours",
        modes=frozenset({Mode.LIVE}),
    ),
    _VENUE.number("venue.fee_maker_bps", Unit.BPS, "assumed fee of a resting order"),
    _VENUE.number("venue.fee_taker_bps", Unit.BPS, "assumed fee of an immediate order"),
    _VENUE.number(
        "venue.stablecoin_deviation_pct",
        Unit.PCT,
        "largest distance from 1 of the stable coins that we count as dollars",
        low=0,
        threshold=(0.01, 100.0),
    ),
)
