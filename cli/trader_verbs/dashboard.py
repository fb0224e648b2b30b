"""`trader dashboard`: where a trader stands, in a browser of this machine.

In: a ledger, an address on loopback. Out: a page that reads, kept up to date, and a button that
halts as `trader halt` does. Refuses what `engine.run.dashboard` refuses, before it listens.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.asking import WhoOption, one_line
from cli.trader_verbs.browsing.app import Dashboard, SharedLook
from cli.trader_verbs.console.source import Source
from cli.trader_verbs.interrupting import until_interrupted
from cli.trader_verbs.options import LedgerOption, SecretsOption, page_address
from cli.trader_verbs.shown import clock
from engine.adapters.environment import secret_sources, user_name
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SystemRng
from engine.cycle.clockwork import Command
from engine.run import halting
from engine.run.dashboard.address import served
from engine.run.dashboard.keys import Keyring
from engine.run.dashboard.sessions import Sessions
from engine.run.ledgers import LedgerView
from engine.run.telemetry import PageAddress

if TYPE_CHECKING:
    from collections.abc import Callable

_COOKIE_BYTES = 4
AtOption = Annotated[
    PageAddress,
    typer.Option(
        "--at",
        metavar="HOST:PORT",
        parser=page_address,
        help="Where to serve it, on this machine; port 0 takes a free one.",
    ),
]
NoHaltOption = Annotated[bool, typer.Option("--no-halt", help="Leave the halt button out.")]


def dashboard(
    *,
    ledger: LedgerOption,
    at: AtOption = "127.0.0.1:8765",  # type: ignore[assignment]  # Typer parses a default too
    secrets: SecretsOption = None,
    no_halt: NoHaltOption = False,
    who: WhoOption = "",
) -> ExitCode:
    """Show a trader in a browser, until it is interrupted: it reads, and can halt.

    The address that it prints holds a key that opens once; then the next one is printed. With a
    secret called DASHBOARD_KEY that is the key, and nothing is printed.
    """
    view = LedgerView.open(ledger)
    rng, system = SystemRng(), SystemClock()
    keyring = Keyring(rng, secret_sources(secrets))
    door = _Door(keyring, at)
    app = Dashboard(
        looks=SharedLook(Source(view, system), system),
        keyring=keyring,
        sessions=Sessions(rng, system),
        # Browsers share cookies between ports: two dashboards must not take each other's.
        cookie=f"mandate_{rng.token_bytes(_COOKIE_BYTES).hex()}",
        halt=None if no_halt or view.path is None else _hand(view, who or user_name()),
        entered=door.entered,
    )
    server = served(at.host, at.port, app)
    try:
        door.port = server.port
        typer.echo(f"the dashboard of {ledger}, for this machine alone; Ctrl-C ends it")
        door.tell()
        until_interrupted()
    finally:
        server.close()
    return ExitCode.FINE


class _Door:
    """What the terminal says of the way in."""

    def __init__(self, keyring: Keyring, at: PageAddress) -> None:
        self._keyring, self._host = keyring, at.host
        self.port = at.port

    def tell(self) -> None:
        """The address, with the key where it is not one that is kept."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        address = f"http://{host}:{self.port}/enter"
        if self._keyring.kept:
            typer.echo(f"  {address}  (the key is DASHBOARD_KEY)")
        else:
            typer.echo(f"  {address}#{self._keyring.key}  (opens once)")
        sys.stdout.flush()

    def entered(self) -> None:
        """A key has opened: somebody looks on, who should be known to whoever sits here."""
        typer.echo(f"a browser came in at {clock(SystemClock().now())} UTC")
        if not self._keyring.kept:
            self.tell()
        sys.stdout.flush()


def _hand(view: LedgerView, who: str) -> Callable[[str], str]:
    """What halts, by the same files as `trader halt`; the words that are left to say, or none."""

    def halt(reason: str) -> str:
        command = Command("halt", "", who, one_line(f"{reason} (by the dashboard)"))
        failed = halting.halt(view, command, SystemClock().now())
        if failed is None:
            return ""
        why = (failed.strerror or "I/O error").lower()
        return f"The kill switch is thrown, but the disk refused ({why}): why is not on record."

    return halt
