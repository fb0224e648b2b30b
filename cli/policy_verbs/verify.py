"""`policy verify BUNDLE|DIR --allowed-signers FILE`: is this what people whom I trust approved?

In: a bundle, or the folder of a set in a git checkout; the host's allowed signers. Out: who
approved which set and for what, or every reason against it. Exactly what `trader run
--require-signed` asks, short of the ledger, which knows what ran before.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.policy_verbs.sets import now
from cli.trader_verbs.options import FormatOption, OutputFormat
from cli.trader_verbs.shown import approval_rows, columns
from engine.model.orders import Mode  # noqa: TC001 - Typer reads the annotations
from engine.provenance.verified import Trust, verified

if TYPE_CHECKING:
    from engine.model.approvals import Approval
    from engine.policyset.policyset import PolicySet


def verify(
    policies: Annotated[
        Path, typer.Argument(metavar="BUNDLE|DIR", help="A bundle, or a set in a git checkout.")
    ],
    *,
    trusted: Annotated[
        Path,
        typer.Option(
            "--allowed-signers",
            metavar="FILE",
            help="Whom you trust, as git and ssh-keygen have it; outside of the repository.",
        ),
    ],
    signers: Annotated[int, typer.Option(min=1, help="So many people must have signed.")] = 1,
    mode: Annotated[
        Mode | None, typer.Option(help="Approved for at least this; else for what the set states.")
    ] = None,
    output: FormatOption = OutputFormat.TEXT,
) -> ExitCode:
    """Say who approved a policy set, for what, and until when; or why it must not run."""
    policy_set, approval = verified(policies, Trust(trusted, signers, mode), now()).required()
    if output is OutputFormat.JSON:
        typer.echo(json.dumps(as_json(policy_set, approval), sort_keys=True))
    else:
        rows = [("policy set", policy_set.name), ("hash", policy_set.hash)]
        sys.stdout.write(columns([*rows, *approval_rows(approval)], indent=0))
    return ExitCode.FINE


def as_json(policy_set: PolicySet, approval: Approval) -> dict[str, object]:
    """The approval for a program."""
    return {
        "policy_set": policy_set.hash,
        "name": policy_set.name,
        "purpose": approval.purpose.value,
        "sequence": approval.sequence,
        "expires": None if approval.expires is None else str(approval.expires),
        "commit": approval.commit,
        "signers": [{"principal": each.principal, "key": each.key} for each in approval.signers],
    }
