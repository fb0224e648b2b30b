"""What would this policy set have done? A notebook's first cells, as a script.

Run it from a checkout, with the extras `simulate` and `report`:

    python docs/simulate.py policies/paper demo/synthetic_quotes.csv page.html
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from engine import Terms, frames, load_policy_set, simulate
from engine.simulation.report.page import report_page

BINDS_PCT = 100


def main(policies: str, quotes: str, page: str) -> None:
    """Simulate a set over one recording, ask three questions, and write the page."""
    policy_set = load_policy_set(Path(policies)).required()
    found = simulate(policy_set, quotes, Terms())
    tables = frames(found)

    print(f"{found.begun_with} became {found.ended_with} in {found.cycles} cycles")
    print("which rules refused most:")
    print(tables.denials.group_by("by").len().sort("len", "by", descending=[True, False]).head())
    print("how near the nearest limits came, in per cent of the limit:")
    print(tables.rules.filter(pl.col("nearest_pct") < BINDS_PCT).top_k(5, by="nearest_pct"))
    print("why nothing was proposed, in cycles of a product:")
    print(tables.silences.group_by("reason").agg(pl.sum("cycles")).sort("cycles", descending=True))

    Path(page).write_text(report_page(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
