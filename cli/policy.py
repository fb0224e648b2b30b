"""The command `policy`: everything about documents that needs no market.

To add a verb: a row here, and `cli/policy_verbs/<verb>.py` with a function of that name whose
annotated parameters are its options, whose docstring is its help, and which returns an
`ExitCode`. What only one verb needs is imported by its module, never here.
"""

from __future__ import annotations

import gc
import sys

from cli.main import run
from cli.verbs import Command, Verb

POLICY = Command(
    "policy",
    "Check, seal, show and change policy sets.",
    (
        Verb("lint", "Check everything that needs no market data.", "cli.policy_verbs.lint"),
        Verb("hash", "Print the hash of a set, or of each document.", "cli.policy_verbs.hash"),
        Verb("show", "Show each value of a set with its origin.", "cli.policy_verbs.show"),
        Verb("set", "Change one value in its file, and check the set.", "cli.policy_verbs.set"),
        Verb("fmt", "Write policy files in the one layout.", "cli.policy_verbs.fmt"),
        Verb("init", "Write a conservative set to begin with.", "cli.policy_verbs.init"),
        Verb("eval", "Evaluate an expression over stated facts.", "cli.policy_verbs.eval"),
        Verb("diff", "Say what a change allows and how it protects.", "cli.policy_verbs.diff"),
        Verb("simulate", "Show what a set would have done.", "cli.policy_verbs.simulate"),
        Verb("review", "Tell a change in one comment, for a reviewer.", "cli.policy_verbs.review"),
        Verb("sweep", "Simulate many variants of a set.", "cli.policy_verbs.sweep"),
        Verb("bundle", "Write a set into one file for people to sign.", "cli.policy_verbs.bundle"),
        Verb("sign", "Approve a bundle with an ssh key.", "cli.policy_verbs.sign"),
        Verb(
            "verify", "Say who approved a set, or why it must not run.", "cli.policy_verbs.verify"
        ),
        Verb("test", "Play the tests of a set: facts in, verdict out.", "cli.policy_verbs.test"),
        Verb("log", "Say which commit last changed which value.", "cli.policy_verbs.log"),
        Verb("rejudge", "Judge recorded decisions under this set.", "cli.policy_verbs.rejudge"),
        Verb("export", "Write what watches a run: rules, a dashboard.", "cli.policy_verbs.export"),
        Verb("upgrade", "Say whether another engine means the same.", "cli.policy_verbs.upgrade"),
        Verb("migrate", "Write a set in a later language version.", "cli.policy_verbs.migrate"),
        Verb("schema", "Print, write or check the JSON Schemas.", "cli.policy_verbs.schema"),
        Verb("explain", "Say what a code means, with an example.", "cli.policy_verbs.explain"),
        Verb("controls", "Say which of the thirty controls hold.", "cli.policy_verbs.controls"),
        Verb("facts", "List the facts that expressions may name.", "cli.policy_verbs.facts"),
    ),
)


# Allocations between two looks for unreachable circles; Python's own 700 make that a twentieth of
# a lint, and one look at all that a lint has built another. A verb ends after a second, what it
# builds it keeps, and what is freed is freed at once.
ALLOCATIONS_UNCHECKED = 1_000_000


def main() -> None:
    """Run the command with the words of the command line."""
    gc.set_threshold(ALLOCATIONS_UNCHECKED)
    status = run(POLICY, sys.argv[1:])
    # Else the interpreter goes through all that a verb has built twice more before it leaves.
    gc.freeze()
    raise SystemExit(status)
