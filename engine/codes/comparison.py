"""The catalogue, M700-M709: two policy sets side by side, and proofs about them."""

from __future__ import annotations

from engine.codes.code import Code

COMPARISON_CODES: tuple[Code, ...] = (
    Code(
        "M700",
        "the extra `compare` is not installed",
        "What a change allows is proved by the solver z3, which weighs 60 MB and which neither "
        "lint nor the trader needs.",
        "policy diff main HEAD, without `pip install mandate-trader[compare]`",
    ),
    Code(
        "M701",
        "neither a policy set nor a revision",
        "A comparison takes folders with a policyset.yaml, or revisions of the git repository that "
        "the policies lie in.",
        "policy diff mian",
    ),
)
