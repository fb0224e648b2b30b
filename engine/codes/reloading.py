"""The catalogue, M780-M789: another policy set taken by a running loop."""

from __future__ import annotations

from engine.codes.code import Code

RELOAD_CODES: tuple[Code, ...] = (
    Code(
        "M781",
        "not the set that was ordered",
        "Whoever names a set by its hash has reviewed that one. Another one in its place is not "
        "taken, however good it is.",
        "trader reload --set 5822dcb3…, while the directory still holds the set before",
    ),
    Code(
        "M782",
        "documents changed while they were read",
        "Outside of a repository nothing says when the last file is written: documents must stay "
        "the same for a while before they are believed.",
        "trader reload, while a copy of the new documents is under way",
    ),
    Code(
        "M783",
        "documents of no commit",
        "In a repository a commit says what is whole. Files that differ from it may be half "
        "written, or were never reviewed.",
        "trader reload, with an edit in the checkout that nobody has committed",
    ),
    Code(
        "M788",
        "check of the set failed",
        "A failure inside a check says nothing about the set: it is not taken, and the loop goes "
        "on by the last good one.",
        "an exception inside of the policy tests",
    ),
)
