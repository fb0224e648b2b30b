"""What is refused before a run begins, each refusal in words with its mend.

In: settings, a Deployment, a recording, a ledger's state. Out: what was asked for, or MandateError
with all that stands against it (M441, M442, M445-M447, M449, M469, M940, M943, and what reading
finds).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.recorded import RecordingKind, open_recording, with_derived_quotes
from engine.cycle.orders.supervising import terms_of, unasked
from engine.errors import Diagnostic, MandateError
from engine.kinds.deployment.alerting import LOG
from engine.model.orders import Mode
from engine.model.times import duration_text
from engine.run.settings import VenueSettings
from engine.series import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from engine.adapters.recorded import Recording, SpreadModel
    from engine.kinds.deployment.document import DeploymentSpec
    from engine.ledger.bodies import Json
    from engine.ledger.state import State
    from engine.run.settings import RunSettings

_MODES = (Mode.DRY_RUN, Mode.PAPER, Mode.LIVE)


def allowed_mode(settings: RunSettings, deployment: DeploymentSpec) -> Mode:
    """The mode to run in, where nothing stands against it; raises MandateError."""
    mode = asked_mode(settings, deployment)
    refused = [*mode_refusals(settings, deployment, mode)]
    if refused:
        raise MandateError(refused)
    return mode


def asked_mode(settings: RunSettings, deployment: DeploymentSpec) -> Mode:
    """What was asked for, at most what the Deployment states; raises MandateError (M441)."""
    stated = Mode(deployment.mode)
    mode = settings.mode or stated
    if _MODES.index(mode) > _MODES.index(stated):
        message = f"`--mode {mode.value}` is more than the Deployment's `mode: {stated.value}`"
        mend = "a mode is lowered on the command line, and raised only by a reviewed document"
        raise MandateError([Diagnostic("M441", message, None, mend)])
    return mode


def mode_refusals(
    settings: RunSettings, deployment: DeploymentSpec, mode: Mode
) -> Iterator[Diagnostic]:
    """Everything in the Deployment and the options that stands against running in this mode."""
    if mode is not Mode.LIVE:
        yield from _paper_refusals(settings, deployment, mode)
        return
    yield from live_refusals(deployment)
    yield from _unheard_questions(settings, deployment, mode)
    if not settings.real_time:
        mend = "run it with `--mode paper` or `--mode dry_run`, or without `--quotes`"
        yield Diagnostic("M442", "a recording is no venue to trade live at", None, mend)


def live_refusals(deployment: DeploymentSpec) -> Iterator[Diagnostic]:
    """Everything that stands between this Deployment and real money, at once."""
    if deployment.read_only:
        mend = "set it to false in a reviewed change"
        yield Diagnostic("M447", "the Deployment says `read_only: true`", None, mend)
    if not deployment.live_enabled:
        mend = "set it to true in a reviewed change"
        yield Diagnostic("M447", "the Deployment says `live_enabled: false`", None, mend)

    if unasked(deployment, Mode.LIVE):
        mend = "write `supervision` into it with `live` among its modes, in a reviewed change"
        message = "in stage supervised a person is asked, and the Deployment does not say how"
        yield Diagnostic("M940", message, None, mend)


def _unheard_questions(
    settings: RunSettings, deployment: DeploymentSpec, mode: Mode
) -> Iterator[Diagnostic]:
    """Orders wait for a yes, and nobody would hear the question."""
    terms = terms_of(deployment, mode)
    if terms is None or not settings.real_time or settings.at_terminal:
        return
    if deployment.routes[terms.route].through == LOG:
        message = f"no person is at a terminal, and `supervision.route: {terms.route}` is the log"
        mend = "run it at a terminal, or let the route leave the process: a service wakes somebody"
        yield Diagnostic("M943", message, None, mend)


def _paper_refusals(
    settings: RunSettings, deployment: DeploymentSpec, mode: Mode
) -> Iterator[Diagnostic]:
    yield from _unheard_questions(settings, deployment, mode)
    if not settings.real_time and settings.venue != VenueSettings():
        message = "a recording is a market of its own: nothing is asked of a venue"
        mend = "leave `--venue`, `--secrets` and `--product` out, or `--quotes`"
        yield Diagnostic("M469", message, None, mend)
    if mode is Mode.PAPER and settings.real_time and settings.venue.url is not None:
        return  # the venue says what the account holds
    if deployment.paper is None:
        message = "the Deployment does not say what the paper venue lends"
        mend = "add `paper: {cash, products}` to its spec"
        yield Diagnostic("M445", message, None, mend)


def opened_recording(settings: RunSettings) -> Recording:
    """The market to run on."""
    return market_of(settings.quotes, settings.derive)


def market_of(quotes: Sequence[Path], model: SpreadModel | None) -> Recording:
    """The market that files hold, with the quotes of a model where they hold none."""
    if model is not None and (wrong := model.findings()):
        raise MandateError(wrong)
    opened = open_recording(quotes)
    if isinstance(opened, tuple):
        raise MandateError(opened)
    found = opened if model is None else with_derived_quotes(opened, model)
    if isinstance(found, Diagnostic):
        raise MandateError([found])
    if RecordingKind.QUOTES not in found.kinds:
        raise MandateError([_without_quotes(found)])
    return found


def _without_quotes(recording: Recording) -> Diagnostic:
    held = " and ".join(kind.value for kind in recording.kinds)
    mend = "name a recording of quotes beside it"
    if RecordingKind.BARS in recording.kinds:
        mend += ", or state the spread to derive them from bars with: `--spread-bps 10`"
    return Diagnostic("M515", f"the recording holds {held} and no quotes to trade on", None, mend)


def check_series(names: Iterable[str], bar_s: int) -> None:
    """Every series of the set can be made of the bars that the recording holds."""
    refused = [(name, why) for name in sorted(names) if (why := refusal(name, bar_s)) is not None]
    if refused:
        mend = f"the recording's bars are {duration_text(bar_s)} long: record shorter ones"
        raise MandateError(
            [Diagnostic("M449", f"`{name}`: {why}", None, mend) for name, why in refused]
        )


def check_origin(genesis: Mapping[str, Json] | None, settings: RunSettings) -> None:
    """A ledger of recorded time does not go on in real time, nor the other way round."""
    if genesis is None or ("recording" in genesis) is not settings.real_time:
        return
    found = "of a recording" if settings.real_time else "of real time"
    mend = "name another `--ledger`, or none for a new one"
    raise MandateError([Diagnostic("M446", f"the ledger is {found}", None, mend)])


def check_stream(state: State, deployment: DeploymentSpec, mode: Mode) -> None:
    """State is kept per mode and account: a ledger of another stream is not ours to go on with."""
    if state.genesis is None:
        return
    own, found = (mode.value, deployment.account.name), (state.mode, state.account)
    if own != found:
        message = f"the ledger belongs to {found[0]} of account `{found[1]}`"
        mend = f"name another `--ledger` for {own[0]} of account `{own[1]}`"
        raise MandateError([Diagnostic("M446", message, None, mend)])
