"""What is worked out once of the numbers of a run, and asked for by rules and by the dashboard."""

CYCLE_P50, CYCLE_P95, CYCLE_P99 = (
    f"mandate:cycle_duration_seconds:p{each}_5m" for each in (50, 95, 99)
)
LATENCY_P95 = "mandate:venue_request_duration_seconds:p95_5m"
ERROR_RATIO = "mandate:venue_errors:ratio_5m"
EXPOSURE = "mandate:portfolio_exposure:ratio"
AT_RISK = "mandate:portfolio_at_risk:ratio"
