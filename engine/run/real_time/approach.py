"""How a run in real time meets its venue: where it is, and with which key, by the mode.

In: settings, a mode. Out: `Approach`. Refuses (MandateError), all findings at once: an address that
is not ours to send to (M461), credentials (M458, M459), options that do not go together (M469).
A key is used only where orders leave the process: live, and on paper over sockets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from engine.adapters.environment import secret_sources
from engine.errors import Diagnostic, MandateError
from engine.model.orders import Mode
from engine.run.real_time.address import COINBASE, Address, loopback
from engine.run.real_time.keys import find_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.run.real_time.keys import KeyFound
    from engine.run.settings import RunSettings

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Approach:
    """The venue's address, and the key of the account there; None where no order leaves us."""

    address: Address
    key: KeyFound | None

    @property
    def name(self) -> str:
        """What the ledger calls the venue: a port changes with every start."""
        return "coinbase" if self.address is COINBASE else "loopback"


def approach_of(settings: RunSettings, mode: Mode) -> Approach:
    """The way to the venue; raises MandateError with all that stands against it."""
    findings = [*_misfits(settings)]
    address = _tried(lambda: _address(settings, mode), findings)
    key = None
    if mode is Mode.LIVE or (mode is Mode.PAPER and settings.venue.url is not None):
        key = _tried(lambda: find_key(secret_sources(settings.venue.secrets)), findings)
    if findings or address is None:
        raise MandateError(findings)
    return Approach(address, key)


def _address(settings: RunSettings, mode: Mode) -> Address:
    url = settings.venue.url
    if url is None:
        return COINBASE
    if mode is Mode.LIVE:
        mend = "leave `--venue` out, or lower the mode with `--mode paper`"
        message = "live trading goes to Coinbase alone, and `--venue` names another place"
        raise MandateError([Diagnostic("M461", message, None, mend)])
    return loopback(url, settings.venue.authority)


def _misfits(settings: RunSettings) -> Iterator[Diagnostic]:
    if settings.derive is not None:
        yield _misfit("`--spread-bps` derives quotes from recorded bars, and none are named")
    if settings.venue.authority is not None and settings.venue.url is None:
        yield _misfit("`--venue-ca` is the certificate of a `--venue`, and none is named")
    if settings.pace is not None:
        yield _misfit("`--pace` is for recordings: a venue has the time that it has")


def _misfit(message: str) -> Diagnostic:
    return Diagnostic("M469", message, None, "leave the option out, or name what it is about")


def _tried(make: Callable[[], _T], findings: list[Diagnostic]) -> _T | None:
    try:
        return make()
    except MandateError as error:
        findings += error.diagnostics
        return None
