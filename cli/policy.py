"""The command `policy`: everything about documents that needs no market.

To add a verb: a row here, and `cli/policy_verbs/<verb>.py` with a function of that name whose
annotated parameters are its options, whose docstring is its help, and which returns an
`ExitCode`. What only one verb needs is imported by its module, never here.
"""

from __future__ import annotations

import sys

from cli.main import run
from cli.verbs import Command, Verb

POLICY = Command(
    "policy",
    "Check, seal, compare and test policy sets.",
    (
        Verb("explain", "Say what a code means, with an example.", "cli.policy_verbs.explain"),
        Verb("facts", "List the facts that expressions may name.", "cli.policy_verbs.facts"),
    ),
)


def main() -> None:
    """Run the command with the words of the command line."""
    raise SystemExit(run(POLICY, sys.argv[1:]))
