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
    Code(
        "M702",
        "no status of a trader",
        "What activation would do is worked out from what a trader holds, as `trader status "
        "--format json` writes it.",
        "policy diff main HEAD --state notes.txt",
    ),
    Code(
        "M703",
        "a status without facts",
        "A trader of an older release wrote the status, or one that has not run a cycle: nothing "
        "is known of what it holds.",
        "policy diff main HEAD --state status.json, of a trader that has just begun",
    ),
    Code(
        "M704",
        "an order leaves that did not",
        "The change allows an order that the base refuses: a state shows it, or the field says so "
        "by its declared direction.",
        "policy diff main HEAD --format github, where a limit was raised",
    ),
    Code(
        "M705",
        "one is protected less",
        "A stop is wider, an alert is gone or silent where it was not, a breaker trips later or "
        "lets go sooner.",
        "policy diff main HEAD --format github, where an alert waits longer",
    ),
    Code(
        "M706",
        "not known whether a change allows more or protects less",
        "The value has no safer direction, or the solver did not answer. Exit status 3: a person "
        "has to look.",
        "policy diff main HEAD --format github, where an alert has another route",
    ),
    Code(
        "M707",
        "what activation would do",
        "With `--state`, the stops, sales, trips and cancels that a trader would make as soon as "
        "the set is in force.",
        "policy diff main HEAD --state status.json --format github, where a stop is tighter",
    ),
)
