"""The catalogue, M800-M829: what a policy set would have done over recordings."""

from __future__ import annotations

from engine.codes.code import Code

SIMULATION_CODES: tuple[Code, ...] = (
    Code(
        "M800",
        "terms that nobody can simulate",
        "An account without money trades nothing, and between a later and an earlier instant "
        "there is no time.",
        "policy simulate policies/paper --quotes day.parquet --equity 0",
    ),
    Code(
        "M801",
        "no quote between `--from` and `--to`",
        "Cycles run where quotes were recorded; outside of that there is nothing to decide on.",
        "policy simulate policies/paper --quotes 2018.parquet --from 2025-01-01",
    ),
)
