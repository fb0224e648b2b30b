"""The catalogue, M390-M394: waivers, and the ceilings that no policy set can raise."""

from __future__ import annotations

from engine.codes.code import Code

ORDER_CODES: tuple[Code, ...] = (
    Code(
        "M390",
        "two waivers of one number",
        "Two exceptions at the same time would leave it to their names which of them counts.",
        "two waivers of RiskLimit/max_position for BTC-USD in the same week",
    ),
    Code(
        "M391",
        "waiver for what the set does not have",
        "A waiver that names an unknown tier, group or strategy would never count.",
        "scope: {tiers: [mayor]} beside a UniverseFilter with the tier major",
    ),
    Code(
        "M392",
        "waiver of the universe for one strategy",
        "What may be traded is decided before any strategy is asked.",
        "rule: UniverseFilter/spot#major with scope: {strategies: [momentum]}",
    ),
    Code(
        "M393",
        "no ceilings there",
        "A run that was told to keep ceilings does not begin without them, nor with a file that "
        "whoever changes the policy set changes too.",
        "trader run --policies policies --ceilings policies/ceilings.yaml",
    ),
    Code(
        "M394",
        "ceilings that contradict each other",
        "A smaller ceiling over a larger thing would never be reached, and so was not meant.",
        "max_order_usd: 5000 beside max_position_usd: 1000",
    ),
)
