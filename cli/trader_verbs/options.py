"""Options that several verbs of `trader` share, and what they accept."""

from __future__ import annotations

import logging
import sys
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from urllib.parse import urlsplit

import typer

from engine.adapters.system.clock import SystemClock
from engine.model.symbols import Symbol
from engine.model.times import duration_s
from engine.observe.log import ROOT, LogForm, install
from engine.observe.scrub import Scrubber
from engine.run.settings import ReloadWhen
from engine.run.telemetry import PageAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_T = TypeVar("_T")
_MAX_PORT = 65_535


def worded(read: Callable[[str], _T]) -> Callable[[str], _T]:
    """`read` as Typer takes it: what it refuses is told in its own words, with nothing before."""

    @wraps(read)
    def reading(text: str) -> _T:
        try:
            return read(text)
        except ValueError as error:
            from pydantic_core import PydanticCustomError  # noqa: PLC0415 - for a mistake alone

            kind, words = "refused", str(error)
            raise PydanticCustomError(kind, "{words}", {"words": words}) from error

    return reading


@worded
def number(text: str) -> Decimal:
    """A Decimal of what was typed: a number that passed through a float is another number."""
    try:
        return Decimal(text)
    except InvalidOperation:
        message = f"`{text}` is not a number"
        raise ValueError(message) from None


@worded
def duration(text: str) -> int:
    """Seconds of a duration."""
    try:
        return duration_s(text)
    except ValueError:
        message = f"`{text}` is not a duration, such as 90s, 15m, 4h or 7d"
        raise ValueError(message) from None


LastingOption = Annotated[
    int, typer.Option("--for", metavar="DURATION", parser=duration, help="How long: `4h`.")
]
LedgerOption = Annotated[
    str,
    typer.Option("--ledger", metavar="DIR", help="The ledger: its directory, or postgresql://…"),
]

PoliciesOption = Annotated[
    Path, typer.Option("--policies", metavar="DIR", help="A policy set, or a signed bundle.")
]
QuotesOption = Annotated[
    list[Path],
    typer.Option(
        "--quotes", metavar="FILE", help="A recording, or a directory of them; again for more."
    ),
]
RecordOption = Annotated[
    str | None,
    typer.Option(
        "--ledger", metavar="DIR", help="Where to record, or postgresql://…; else a new one."
    ),
]
PaceOption = Annotated[
    float | None,
    typer.Option("--pace", min=0.001, help="Recorded seconds a real second; else at once."),
]
JournalOption = Annotated[
    Path | None,
    typer.Option("--journal", metavar="DIR", help="Where a shared ledger's journal lies on disk."),
]
TakeOverOption = Annotated[
    bool, typer.Option("--take-over", help="Take a lease whose holder is silent, and stopped.")
]

CeilingsOption = Annotated[
    Path | None,
    typer.Option("--ceilings", metavar="FILE", help="Hard maxima that no policy set can raise."),
]

RequireSignedOption = Annotated[
    bool,
    typer.Option("--require-signed", help="Run only what people in `--allowed-signers` signed."),
]
AllowedSignersOption = Annotated[
    Path | None,
    typer.Option(
        "--allowed-signers",
        metavar="FILE",
        help="Whom this host trusts, as git and ssh-keygen have it; outside of the repository.",
    ),
]
SignersOption = Annotated[
    int | None,
    typer.Option("--signers", min=1, help="So many people must have signed; else one."),
]

SpreadOption = Annotated[
    Decimal | None,
    typer.Option(
        "--spread-bps",
        metavar="BPS",
        parser=number,
        help="Derive quotes from bars, bid and ask so far apart.",
    ),
]
DepthOption = Annotated[
    Decimal | None,
    typer.Option(
        "--depth",
        metavar="UNITS",
        parser=number,
        help="Quote currency shown at each side of derived quotes.",
    ),
]
ReloadOption = Annotated[
    ReloadWhen,
    typer.Option("--reload", help="Take another set when ordered, or when committed too."),
]
ShadowOption = Annotated[
    Path | None,
    typer.Option("--shadow", metavar="DIR", help="A second set, asked about the same orders."),
]


VenueOption = Annotated[
    str | None,
    typer.Option("--venue", metavar="URL", help="A venue on loopback, as `trader venue` prints."),
]
AuthorityOption = Annotated[
    Path | None,
    typer.Option("--venue-ca", metavar="FILE", help="The certificate to trust for `--venue`."),
]
SecretsOption = Annotated[
    Path | None,
    typer.Option("--secrets", metavar="DIR", help="Mounted secrets, one a file."),
]


@worded
def _product(text: str) -> Symbol:
    """The product that was typed; Click shows the words to whoever typed another thing."""
    try:
        return Symbol.parse(text)
    except ValueError:
        message = f"`{text}` is not a product, such as BTC-USD"
        raise ValueError(message) from None


ProductOption = Annotated[
    list[Symbol],
    typer.Option(
        "--product",
        metavar="BASE-QUOTE",
        parser=_product,
        help="Look at this product only; may be given several times.",
    ),
]


@worded
def page_address(text: str) -> PageAddress:
    """The address that was typed; Click shows the words to whoever typed another thing."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _MAX_PORT:
        message = f"`{text}` is not HOST:PORT, such as 127.0.0.1:9464"
        raise ValueError(message)
    return PageAddress(host.strip("[]"), int(port))


@worded
def _collector(text: str) -> str:
    """The collector's base address; anything else would fail at the end of the run, unheard."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"`{text}` is no collector's address, such as http://127.0.0.1:4318"
        raise ValueError(message)
    return text


MetricsOption = Annotated[
    PageAddress | None,
    typer.Option(
        "--metrics",
        metavar="HOST:PORT",
        parser=page_address,
        help="Show numbers to Prometheus there, to whoever can reach it.",
    ),
]
OtlpOption = Annotated[
    str | None,
    typer.Option(
        "--otlp",
        metavar="URL",
        parser=_collector,
        help="Send numbers and spans to this collector, over HTTP.",
    ),
]


class OutputFormat(Enum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[
    OutputFormat, typer.Option("--format", help="Text to read, or JSON for programs.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]


def quiet_log(*, shown: bool, hidden: Sequence[str] = ()) -> None:
    """Send the log to stderr, scrubbed, when `shown`; else nowhere: the text tells the same."""
    if shown:
        install(sys.stderr, Scrubber(hidden), LogForm.TEXT, SystemClock())
        return
    ours = logging.getLogger(ROOT)
    ours.handlers, ours.propagate = [logging.NullHandler()], False
