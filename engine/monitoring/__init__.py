"""What watches a run from outside, made from its policy set: no threshold is copied by hand.

In: a policy set. Out: rules for Prometheus, a dashboard for Grafana. Both speak of the numbers that
`trader run --metrics` shows, and name the set that they were made from.
"""

from engine.monitoring.grafana import dashboard
from engine.monitoring.prometheus import rules_file

__all__ = ["dashboard", "rules_file"]
