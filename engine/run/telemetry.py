"""A run that is watched from outside: its numbers and spans, and whether it lives.

In: a session, and what an operator asked for. Out: listeners on that session for as long as it
runs. Refuses (MandateError) an address that cannot be had (M901), and telemetry without the extra
(M900). Nothing that decides reads any of it.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from engine.adapters.system.clock import SystemClock
from engine.cycle.steps.breakers import trading_state
from engine.cycle.watching.measuring import Measuring
from engine.errors import Diagnostic, MandateError, with_extra
from engine.observe.log import trace_ids_in_lines
from engine.observe.metrics import Metrics
from engine.observe.tracing import TracedStages, trace_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.cycle.desk import Round
    from engine.ports import Clock
    from engine.run.session import Session

_SILENT_INTERVALS = 3
"""A loop that skips so many cycles is not about to come back by itself."""


@dataclass(frozen=True, slots=True)
class PageAddress:
    """Where the page for Prometheus is served."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Watched:
    """What an operator asked for: a page, a collector's base address, or neither."""

    page: PageAddress | None = None
    otlp: str | None = None


@contextmanager
def watched(session: Session, wanted: Watched) -> Iterator[None]:
    """Measure a session for as long as it runs; without a wish, cost it nothing."""
    if wanted == Watched():
        yield
        return
    with ExitStack() as parts:
        _watch(session, wanted, parts)
        yield


def _watch(session: Session, wanted: Watched, parts: ExitStack) -> None:
    try:
        from engine.adapters import telemetry  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _missing() from error
    listening = telemetry.begin(_resource(session), otlp=wanted.otlp)
    parts.callback(listening.close)
    metrics = Metrics(listening.meter)
    # The machine's own time: over a recording the session's is another.
    clock = SystemClock()
    pulse = Pulse(session, clock)
    if (address := wanted.page) is not None:
        questions = {
            "/healthz": lambda: telemetry.Answer(*pulse.alive()),
            "/readyz": lambda: telemetry.Answer(*pulse.ready()),
        }
        try:
            page = telemetry.serve((address.host, address.port), listening.registry, questions)
        except OSError as error:
            raise _not_had(address, error) from error
        parts.callback(page.close)
    measuring = Measuring(metrics, session.desk, clock)
    measuring.attach()
    session.watchers += [measuring.told, pulse.told]
    session.desk.stages = TracedStages(metrics, clock, listening.tracer)
    parts.enter_context(trace_ids_in_lines(trace_ids))


@dataclass(slots=True)
class Pulse:
    """Whether the loop turns; asked from another thread, so it reads what one word holds."""

    session: Session
    clock: Clock
    _last_s: float | None = None
    _state: str = ""

    def told(self, this: Round) -> None:
        """One cycle is over."""
        self._last_s = self.clock.monotonic_s()
        self._state = trading_state(self.session.desk, this)

    def alive(self) -> tuple[bool, str]:
        """Whether a cycle ended lately; before the first one it is given the time to come."""
        if self._last_s is None:
            return True, "no cycle has ended yet"
        silent_s = self.clock.monotonic_s() - self._last_s
        longest_s = self.session.policy_set.schedule.back_off.max_interval
        says = f"the last cycle ended {silent_s:.1f} s ago"
        return silent_s <= _SILENT_INTERVALS * longest_s, says

    def ready(self) -> tuple[bool, str]:
        """Whether it has seen the market and the account, and takes new risk."""
        alive, says = self.alive()
        if self._last_s is None or not alive:
            return False, says
        return self._state == "ACTIVE", f"{self._state}; {says}"


def _resource(session: Session) -> dict[str, str]:
    """Who is speaking, by OpenTelemetry's names where it has them."""
    account = session.policy_set.deployment.account.name
    return {
        "service.name": "mandate",
        "service.version": version("mandate-trader"),
        "service.instance.id": f"{session.mode.value}/{account}",
        "deployment.environment.name": session.mode.value,
    }


def _missing() -> MandateError:
    message = "numbers for others need the extra `telemetry`, which is not installed"
    mend = with_extra("telemetry")
    return MandateError([Diagnostic("M900", message, None, mend)])


def _not_had(address: PageAddress, error: OSError) -> MandateError:
    why = (error.strerror or type(error).__name__).lower()
    message = f"`--metrics {address}` cannot be listened at: {why}"
    return MandateError([Diagnostic("M901", message, None, "name a port that is free here")])
