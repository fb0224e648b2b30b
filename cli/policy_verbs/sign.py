"""`policy sign BUNDLE --key FILE`: approve a policy set with an ssh key.

In: a bundle and a key. Out: the bundle with one signature more, and what was approved, in words.
The key is used by ssh-keygen alone: it asks for passphrases, and knows agents and tokens.
"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.shown import counted
from engine.provenance.bundle import policy_set_of
from engine.provenance.signing import opened_bundle, signature_by, written

if TYPE_CHECKING:
    from engine.provenance.statement import Statement


def sign(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What `policy bundle` wrote.")],
    *,
    key: Annotated[
        Path,
        typer.Option(
            "--key",
            metavar="FILE",
            help="An Ed25519 ssh key; the public part of one that your agent holds will do.",
        ),
    ],
) -> ExitCode:
    """Approve the policy set of a bundle, for what the bundle says and until it says.

    What is approved is told first. A second signature with the same key replaces the first one.
    """
    unsigned = opened_bundle(bundle)
    # Nobody signs a statement that its own files do not bear out.
    policy_set_of(unsigned)
    typer.echo(_told(unsigned.statement), err=True)
    signature = signature_by(key, unsigned, bundle)
    signed = unsigned.signed(signature)
    written(signed, bundle)
    count = counted(len(signed.envelope.signatures), "signature")
    typer.echo(f"{bundle}: signed by {signature.key.fingerprint}, {count}")
    return ExitCode.FINE


def _told(told: Statement) -> str:
    return (
        f"policy set  {told.name}\n"
        f"hash        {told.policy_set}\n"
        f"approved    for {told.purpose.value}, until {told.expires}, sequence {told.sequence}\n"
        f"commit      {told.commit or 'none'}"
    )
