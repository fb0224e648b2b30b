"""The routes of a Deployment: each name with what reaches the person behind it.

In: documents, secrets. Out: the port `Notifier`, and findings: (M902) a secret that no place has,
(M903) the extra that is not installed, (M904) an address that nothing can be reached by. A route
that cannot be made delivers nothing, and says why; the others go on.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from engine.adapters.notify.links import Linker, linker_of
from engine.adapters.notify.log import LogMeans
from engine.errors import Diagnostic, MandateError, with_extra

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.kinds.deployment.alerting import Route
    from engine.kinds.deployment.document import DeploymentSpec
    from engine.model.notices import Notice, Sender
    from engine.ports import Clock, Secrets

_LOG = "log"
_LINKS = "links of notices"
"""Where a finding stands that is about no route; no route has such a name."""
_APART = re.compile(r"[/:@?&=#,;\s]+")
_SHORTEST = 8


class Means(Protocol):
    """What one route delivers through; raises for nothing that the other side does."""

    async def tell(self, notices: Sequence[Notice], sender: Sender) -> str | None:
        """Deliver one message; None when it arrived, else why not."""
        ...

    async def close(self) -> None:
        """Give back what is open."""
        ...


@dataclass(slots=True)
class Routes:
    """Every route of the set in force; `clock` is the machine's, whatever time a desk lives in.

    `hidden` must appear in no output.
    """

    secrets: Secrets
    clock: Clock
    findings: dict[str, Diagnostic] = field(default_factory=dict)
    hidden: tuple[str, ...] = field(default=(), repr=False)
    _named: dict[str, Route] = field(default_factory=dict)
    _means: dict[str, Means] = field(default_factory=dict, repr=False)
    _linker: Linker | None = field(default=None, repr=False)

    def follow(self, deployment: DeploymentSpec) -> None:
        """Take the routes of a set; those that are the same keep their connections."""
        named = deployment.routes
        # Without `alerting` there is the log alone, which writes every alert out.
        lines = deployment.alerting.group.lines if deployment.alerting else 0
        means: dict[str, Means] = {}
        self.findings.clear()
        self._link(deployment)
        for name, route in named.items():
            if self._named.get(name) == route and name in self._means:
                means[name] = self._means[name]
                continue
            made = self._made(name, route, lines)
            if made is not None:
                means[name] = made
        self._named, self._means = dict(named), means

    def offer(self, notices: Sequence[Notice], sender: Sender) -> Sequence[str]:
        """Lines with links; none where the set in force wants none, or none can be signed."""
        return () if self._linker is None else self._linker.lines(notices, sender)

    def _link(self, deployment: DeploymentSpec) -> None:
        spec = None if deployment.alerting is None else deployment.alerting.links
        made = linker_of(spec, self.secrets, self.clock)
        self._linker = made if isinstance(made, Linker) else None
        if isinstance(made, Diagnostic):
            self.findings[_LINKS] = made
        elif made is not None:
            self.hidden = tuple(sorted({*self.hidden, made.key}))

    @property
    def usable(self) -> frozenset[str]:
        """The routes that could be made."""
        return frozenset(self._means)

    async def deliver(self, route: str, notices: Sequence[Notice], sender: Sender) -> str | None:
        """Tell these in one message, within the time that the route gives an attempt."""
        means = self._means.get(route)
        if means is None:
            found = self.findings.get(route)
            return "the set in force has no such route" if found is None else found.message
        timeout = self._named[route].timeout
        try:
            async with asyncio.timeout(timeout):
                return await means.tell(notices, sender)
        except TimeoutError:
            return f"no answer within {timeout} s"

    async def close(self) -> None:
        """Give back what is open."""
        for each in self._means.values():
            await each.close()

    def _made(self, name: str, route: Route, lines: int) -> Means | None:
        if route.through == _LOG:
            return LogMeans()
        address = self.secrets.get(route.secret or "")
        if address is None:
            self.findings[name] = _absent(name, route)
            return None
        self.hidden = tuple(sorted({*self.hidden, *secret_parts(address)}))
        try:
            return self._at(address, route, lines)
        except MandateError as error:
            self.findings[name] = error.diagnostics[0]
        except ValueError as error:
            message = f"the address of the route `{name}` cannot be used: {error}"
            mend = f"look at the secret `{route.secret}`; its text is shown nowhere"
            self.findings[name] = Diagnostic("M904", message, None, mend)
        return None

    def _at(self, address: str, route: Route, lines: int) -> Means:
        # Each brings a library that a run without it need not load.
        if route.through == "alertmanager":
            from engine.adapters.notify.alertmanager import alertmanager_at  # noqa: PLC0415 - see above

            return alertmanager_at(address, _needed(route.resend), self.clock)
        from engine.adapters.notify.services import service_at  # noqa: PLC0415 - see above

        try:
            hidden = secret_parts(address)
            return service_at(address, _needed(route.timeout), lines, hidden, self.offer)
        except ModuleNotFoundError as error:
            message = f"a route through Apprise needs `{error.name}`, which is not installed"
            mend = with_extra("alerts")
            raise MandateError([Diagnostic("M903", message, None, mend)]) from error


def routes_of(deployment: DeploymentSpec, secrets: Secrets, clock: Clock) -> Routes:
    """The routes of a Deployment."""
    routes = Routes(secrets, clock)
    routes.follow(deployment)
    return routes


def secret_parts(address: str) -> tuple[str, ...]:
    """An address, and whatever in it may be a token: a service may say back a part of it."""
    parts = _APART.split(address.strip())
    return (address.strip(), *(each for each in parts if len(each) >= _SHORTEST))


def resend_times(named: Mapping[str, Route]) -> dict[str, int]:
    """How often each route wants to hear again of what still fires; most never do."""
    return {name: each.resend for name, each in named.items() if each.resend is not None}


def _absent(name: str, route: Route) -> Diagnostic:
    message = f"the route `{name}` has no address: no place has the secret `{route.secret}`"
    mend = (
        f"set the variable `{route.secret}`, or hand over a file of that name: `--secrets DIR`, or "
        "systemd's `LoadCredential=`"
    )
    return Diagnostic("M902", message, None, mend)


def _needed(seconds: int | None) -> int:
    # INVARIANT: the document has it, or it would not have been built.
    assert seconds is not None  # noqa: S101 - see above
    return seconds
