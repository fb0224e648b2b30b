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
    Code(
        "M802",
        "no baseline",
        "A baseline is the JSON that an earlier simulation wrote. An empty one is refused: "
        "whatever is compared with nothing agrees with it.",
        "policy simulate policies/paper --quotes day.parquet --baseline /dev/null",
    ),
    Code(
        "M803",
        "a baseline of something else",
        "Figures are compared over the same recording and on the same terms; of others they say "
        "nothing about the policy set.",
        "policy simulate policies/paper --quotes other.parquet --baseline day.json",
    ),
    Code(
        "M804",
        "no tolerance",
        "A tolerance names a figure of the simulation and how far it may move: by a number, or by "
        "a share of what it was.",
        "policy simulate … --baseline day.json --tolerance resutl=1%",
    ),
    Code(
        "M805",
        "beyond the tolerance",
        "A figure is further from the baseline than it may be. What changed is in the other "
        "figures and in the orders: compare with `--against`.",
        "policy simulate … --baseline day.json",
    ),
    Code(
        "M806",
        "an instant or a span that is none",
        "`--from` and `--to` take a day or an instant in UTC.",
        "policy simulate … --from yesterday",
    ),
    Code(
        "M807",
        "cannot write what was found",
        "The file that `--json`, `--report` or `--out` names cannot be written there.",
        "policy simulate … --json /proc/result.json",
    ),
    Code(
        "M808",
        "the extra `report` is not installed",
        "The charts of the page are drawn by Vega-Lite, whose script `vl-convert` puts into it; "
        "neither the trader nor a simulation without a page needs it.",
        "policy simulate … --report page.html, without `pip install mandate-trader[report]`",
    ),
    Code(
        "M809",
        "the extra `simulate` is not installed",
        "Data frames are those of Polars, which the trader does not need.",
        "frames(simulate(policies, quotes)), without `pip install mandate-trader[simulate]`",
    ),
    Code(
        "M850",
        "leaving cycles out needs the extra `simulate`, which is not installed",
        "Which cycles can change nothing is seen in columns, by Polars and numpy; stepping every "
        "cycle needs neither, and decides the same.",
        "policy simulate … --prescreen, without `pip install mandate-trader[simulate]`",
    ),
)
