"""`trader doctor --go-live [STAGE]`: what a stage of live trading asks for, gathered and judged.

In: a set, a ledger, the way to a venue, the host's trust. Out: a page or one JSON object; 1 for a
blocker, 3 where somebody who must be asked did not answer, 0 where nothing stands against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from cli.trader_verbs.going_live_page import go_live_json, go_live_page, status_of_evidence
from cli.trader_verbs.options import OutputFormat
from cli.trader_verbs.seeing import seen
from engine.adapters.environment import secret_sources
from engine.adapters.notify import routes_of
from engine.adapters.system.clock import SystemClock
from engine.provenance.verified import Trust
from engine.run.assembly.sources import sourced
from engine.run.going_live import Asked, Rung, evidence_for, gathered
from engine.run.status import status_of

if TYPE_CHECKING:
    from pathlib import Path

    from cli.exit_codes import ExitCode
    from engine.run import VenueSettings
    from engine.run.ledgers import LedgerView


@dataclass(frozen=True, slots=True)
class GoingLiveAsked:
    """What a person typed; without a stage it is the one that the Deployment states."""

    policies: Path | None
    stage: Rung | None
    allowed_signers: Path | None
    signers: int | None
    venue: VenueSettings
    output: OutputFormat

    @property
    def misuse(self) -> str | None:
        """What does not go together."""
        if self.allowed_signers is not None and self.policies is None:
            return "`--allowed-signers` is for the set that `--policies` names"
        if self.signers is not None and self.allowed_signers is None:
            return "`--signers` counts people of `--allowed-signers`, and none are named"
        return None


def asked_set(asked: GoingLiveAsked, view: LedgerView | None) -> Asked | None:
    """The set that is asked about, verified where a host's trust was named; None: not built."""
    if asked.policies is not None:
        who = asked.allowed_signers
        trust = None if who is None else Trust(who, asked.signers or 1, None)
        source = sourced(asked.policies, trust)
        return Asked(source.policy_set, source.approval)
    named = status_of(view).named if view is not None else None
    return Asked(named.policy_set) if named is not None and named.policy_set else None


def go_live(asked: GoingLiveAsked, about: Asked, view: LedgerView | None) -> ExitCode:
    """Gather, judge and tell."""
    policy_set = about.policy_set
    rung = asked.stage or Rung(policy_set.deployment.stage)
    sources = secret_sources(asked.venue.secrets)
    made = routes_of(policy_set.deployment, sources, SystemClock())
    found = gathered(about, view, seen(view, sources, made), asked.venue)
    pieces = [*evidence_for(rung, found)]
    page = go_live_json if asked.output is OutputFormat.JSON else go_live_page
    typer.echo(page(policy_set, rung, pieces), nl=False)
    return status_of_evidence(pieces)
