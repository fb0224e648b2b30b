"""The command `trader`: everything that runs, watches or asks a running trader.

To add a verb: a row here, and `cli/trader_verbs/<verb>.py` with a function of that name whose
annotated parameters are its options, whose docstring is its help, and which returns an
`ExitCode`. Words with verbs of their own (`trader audit show`) are a `Group`.
"""

from __future__ import annotations

import sys

from cli.main import run
from cli.verbs import Command, Verb

TRADER = Command(
    "trader",
    "Run a policy set, watch it, and act by hand.",
    (Verb("run", "Run a policy set over recorded quotes.", "cli.trader_verbs.run"),),
)


def main() -> None:
    """Run the command with the words of the command line."""
    raise SystemExit(run(TRADER, sys.argv[1:]))
