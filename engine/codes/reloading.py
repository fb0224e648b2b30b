"""The catalogue, M780-M789: another policy set taken by a running loop."""

from __future__ import annotations

from engine.codes.code import Code

RELOAD_CODES: tuple[Code, ...] = (
    Code(
        "M780",
        "what no reload changes",
        "Mode, venue, account and numeraire are settled when a run begins: its ledger, its venue "
        "and its key belong to them, and nobody should be trading live because a file changed.",
        "mode: live in the Deployment of a set that a paper run is to take",
    ),
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
        "M784",
        "commits cannot be followed",
        "A run that takes other sets by itself needs to be told when one is whole. Only a commit "
        "says so, and a recording has one set from its first cycle to its last.",
        "trader run --reload committed --policies copies/without-git",
    ),
    Code(
        "M785",
        "unsigned sets for real money",
        "Whoever may write to the policy directory could put any set in force within a minute. "
        "Where money is real, a person orders it, or people have signed it.",
        "trader run --mode live --reload committed, without --require-signed",
    ),
    Code(
        "M787",
        "reference product not heard",
        "Which products a run listens to is settled when it begins. A regime that is told by "
        "another one would be unknown for ever.",
        "regime.reference: ETH-USD, taken by a run with --product BTC-USD",
    ),
    Code(
        "M788",
        "check of the set failed",
        "A failure inside a check says nothing about the set: it is not taken, and the loop goes "
        "on by the last good one.",
        "an exception inside of the policy tests",
    ),
)
