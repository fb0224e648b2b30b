"""The catalogue, M610-M614: what goes wrong at a venue on purpose, and recordings of venues."""

from __future__ import annotations

from engine.codes.code import Code

FAULT_CODES: tuple[Code, ...] = (
    Code(
        "M610",
        "no fault plan there",
        "A test that was told to go wrong and does not would pass for a reason that nobody "
        "looked at, so a venue without its plan does not start.",
        "trader venue --faults policies/risk/position.yaml",
    ),
    Code(
        "M611",
        "fault with parts that it does not have",
        "late_arrival is told delay_s; slow_drip delay_s; list_lag lag_s; product_halted and "
        "precision_changed lasts_s and perhaps product; status its status, its effect (before or "
        "after) and perhaps retry_after_s or reset_s; success_false a word and its effect; what "
        "is lost or late perhaps hold_s, duplicate_delivery perhaps delay_s; others nothing.",
        "fault: {kind: late_arrival, word: HELLO}",
    ),
    Code(
        "M612",
        "fault rate that cannot be",
        "A rate is a share of all requests in per cent, and it is said once: a plan has its own.",
        "trader venue --fault-rate 400",
    ),
    Code(
        "M613",
        "directory of another recording",
        "A recording goes on where it ended. Other products, another sampling of quotes or another "
        "depth of books in the same files would be neither recording.",
        "trader record --venue coinbase --products ETH-USD --out DIR, after BTC-USD into DIR",
    ),
    Code(
        "M614",
        "no such product at the venue",
        "Whoever asks for a product that is not listed would record silence for as long as it is "
        "left running.",
        "trader record --venue coinbase --products BTC-USB --out DIR",
    ),
)
