"""Facts of the venue as we meet it; a ratio of no events is 0, ratios have a minimum sample."""

from __future__ import annotations

from engine.expr.facts.building import Source
from engine.expr.units import Unit
from engine.expr.vocabulary import Absence, FactScope, FactSpec
from engine.model.orders import Mode

_VENUE = Source(FactScope.VENUE, "cycle.facts.venue")
_FEES = Source(FactScope.VENUE, "cycle.facts.fees")


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


def _count(name: str, sentence: str) -> FactSpec:
    return _VENUE.number(
        name, Unit.COUNT, sentence, absence=Absence.NEVER_HAPPENED, first_value=0.0, low=0
    )


VENUE_FACTS: tuple[FactSpec, ...] = (
    _VENUE.flag(
        "venue.reachable",
        "whether it answered the last request; true before the first",
        absence=Absence.NEVER_HAPPENED,
        first_value=True,
    ),
    _VENUE.flag(
        "venue.auth_ok",
        "whether it took our credentials when they were last asked for; true before the first",
        absence=Absence.NEVER_HAPPENED,
        first_value=True,
    ),
    _share(
        "venue.orders_error_ratio_5m",
        "failed order requests of those in five minutes, 0 of fewer than 20",
    ),
    _share(
        "venue.reads_error_ratio_5m", "failed reads of those in five minutes, 0 of fewer than 20"
    ),
    _share(
        "venue.reject_ratio_1h",
        "rejected orders of those in the last hour; a post-only that would cross is not one",
    ),
    _count("venue.errors_consecutive_count", "failed requests in a row"),
    _count("venue.errors_5m_count", "failed requests in five minutes, orders and reads together"),
    _count("venue.rate_limited_5m_count", "times that it told us to slow down in five minutes"),
    _VENUE.number(
        "venue.rate_limited_left_s",
        Unit.S,
        "how much longer it asked us to wait; 0 where it asked for no time",
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
        "venue.late_orders_24h_count",
        Unit.COUNT,
        "orders of the last 24 hours that appeared after they were taken for never placed",
        absence=Absence.NEVER_HAPPENED,
        first_value=0.0,
        low=0,
    ),
    _VENUE.number(
        "venue.foreign_orders_count",
        Unit.COUNT,
        "open orders at the account that no record of ours knows, by the last scan",
        absence=Absence.NEVER_HAPPENED,
        first_value=0.0,
        low=0,
    ),
    _count(
        "venue.collisions_count",
        "products in which the venue answered with another order under our id, until re-armed",
    ),
    _VENUE.number(
        "venue.trades_by_hand_24h_count",
        Unit.COUNT,
        "executions at the account in the last 24 hours that were of no order of ours",
        absence=Absence.NEVER_HAPPENED,
        first_value=0.0,
        low=0,
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
        "its clock less ours, read once a minute; unknown once the reading is five minutes old",
        modes=frozenset({Mode.LIVE}),
    ),
    _FEES.number(
        "venue.fee_maker_bps",
        Unit.BPS,
        "fee of a resting order: as the venue says, else as assumed",
    ),
    _FEES.number(
        "venue.fee_taker_bps",
        Unit.BPS,
        "fee of an immediate order: as the venue says, else as assumed",
    ),
    _FEES.number(
        "venue.fee_over_assumed_bps",
        Unit.BPS,
        "fees paid in 24 hours, or as the venue says that it takes them, less those assumed, of"
        " resting or immediate orders whichever is more; with fewer than five fills of a kind those"
        " say nothing",
        absence=Absence.NEVER_HAPPENED,
        first_value=0.0,
    ),
    _VENUE.number(
        "venue.stablecoin_deviation_pct",
        Unit.PCT,
        "largest distance from 1 of the coins that count as dollars at a rate of 1; 0 where none"
        " is quoted, unknown where one that we hold or trade in is not",
        low=0,
        threshold=(0.01, 100.0),
    ),
)
