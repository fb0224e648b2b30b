"""`trader listen`: takes in what people tap in notices, and nothing else.

In: a ledger whose set offers links, the key that they are signed with, an address on loopback. Out:
a question for each link that is opened, and the deed when its button is pressed: every one reduces.
Refuses (M939) where the set offers no links or the key is not there, and what others could reach.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.browsing.app import SharedLook
from cli.trader_verbs.console.source import Source
from cli.trader_verbs.interrupting import until_interrupted
from cli.trader_verbs.listening.app import Listener
from cli.trader_verbs.options import LedgerOption, SecretsOption, page_address
from cli.trader_verbs.why import answer
from engine.adapters.environment import secret_sources
from engine.adapters.system.clock import SystemClock
from engine.run.dashboard.address import served
from engine.run.ledgers import LedgerView
from engine.run.tapping import taps_of
from engine.run.telemetry import PageAddress

AtOption = Annotated[
    PageAddress,
    typer.Option(
        "--at",
        metavar="HOST:PORT",
        parser=page_address,
        help="Where to listen, on this machine; port 0 takes a free one.",
    ),
]


def listen(
    *,
    ledger: LedgerOption,
    at: AtOption = "127.0.0.1:8766",  # type: ignore[assignment]  # Typer parses a default too
    secrets: SecretsOption = None,
) -> ExitCode:
    """Take in the links of notices, until it is interrupted: acknowledge, halt, tighten, look.

    It listens on this machine alone. A proxy or a tunnel of yours, which speaks TLS, brings the
    Deployment's `alerting.links.address` here.
    """
    view, clock = LedgerView.open(ledger), SystemClock()
    taps = taps_of(view, secret_sources(secrets), clock)
    looks = SharedLook(Source(view, clock), clock)
    server = served(at.host, at.port, Listener(taps, looks.now, partial(answer, view)))
    try:
        typer.echo(f"listening for links of {taps.account}, {taps.mode}; Ctrl-C ends it")
        typer.echo(f"  {taps.spec.base} is to lead to http://{at.host}:{server.port}")
        sys.stdout.flush()
        until_interrupted()
    finally:
        server.close()
    return ExitCode.FINE
