"""The catalogue, M425-M434: the operator's hands, and the watchdog."""

from __future__ import annotations

from engine.codes.code import Code

HAND_CODES: tuple[Code, ...] = (
    Code(
        "M425",
        "kill switch not thrown",
        "A disk that takes not even a name of a file cannot hold the switch: whoever wants to stop "
        "must know that he has not, and what stops all the same.",
        "trader halt on a file system that was mounted read-only",
    ),
    Code(
        "M426",
        "nothing to watch",
        "A watchdog cancels what is ours at the venue: a dry run has no orders there, and paper "
        "trading has them only at a venue of its own.",
        "trader watchdog --ledger runs/dry-1",
    ),
    Code(
        "M427",
        "silence too short",
        "A loop beats ten times a second, and not while it waits for the venue: a shorter silence "
        "than its longest wait would cancel the entries of a loop that is well.",
        "trader watchdog --silence 1s",
    ),
    Code(
        "M428",
        "a silence that nobody reviewed",
        "After which silence entries are cancelled is said in the Deployment of the set in force, "
        "where a diff shows it. The command line may say a shorter one, never a longer.",
        "trader watchdog --silence 5m, with `watchdog: {silence: 60s}` in the Deployment",
    ),
)
