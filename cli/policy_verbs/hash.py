"""`policy hash [DIR]`: the one name of a policy set, which every order of it carries.

In: a directory. Out: 64 hex digits, alone on their line, so that a script can take them as they
are. A set that does not load has no hash: its findings go to stderr, and the status is 1.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.policy_verbs.sets import Directory, chosen
from engine.policyset.opening import load_policy_set


def hash(  # noqa: A001 - a verb is the function of its name
    directory: Directory = None,
    *,
    documents: Annotated[
        bool, typer.Option("--documents", help="Add a line for each document: hash, Kind/name.")
    ] = False,
) -> ExitCode:
    """Print the SHA-256 of a policy set: it changes when, and only when, its meaning does."""
    policy_set = load_policy_set(chosen(directory)).required()
    typer.echo(policy_set.hash)
    for each in policy_set.sealed if documents else ():
        typer.echo(f"{each.hash}  {each.document.id}")
    return ExitCode.FINE
