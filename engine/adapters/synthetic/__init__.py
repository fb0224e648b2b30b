"""An invented market: seeded, the same bytes on every machine, with incidents worth refusing."""

from engine.adapters.synthetic.demo import (
    DEMO_SEED,
    DEMO_SPEC,
    describe,
    write_demo,
    write_market,
)
from engine.adapters.synthetic.generator import MarketSpec, check_spec, generate
from engine.adapters.synthetic.listings import LISTINGS, PRODUCTS, Listing
from engine.adapters.synthetic.script import INCIDENTS, Incident, IncidentKind

__all__ = [
    "DEMO_SEED",
    "DEMO_SPEC",
    "INCIDENTS",
    "LISTINGS",
    "PRODUCTS",
    "Incident",
    "IncidentKind",
    "Listing",
    "MarketSpec",
    "check_spec",
    "describe",
    "generate",
    "write_demo",
    "write_market",
]
