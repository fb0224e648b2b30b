"""Where alerts go: named routes, and how long a message waits, is tried again, and is given up.

A rule names a role (`desk`, `pager`), and the Deployment says what reaches whoever has it. An
address with a token in it is a secret: a route names the secret, and the document never holds it.
Refuses a route that escalates to nobody or in a circle, and parts that its means does not have.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from engine.kinds.base import Closed, Duration, Name
from engine.kinds.deployment.notices import (  # noqa: TC001 - pydantic reads the annotations
    Links,
    SecretName,
    Summary,
)

LOG = "log"
"""The route that every set has: records in the log of the process."""


class Route(Closed):
    """One way to a person."""

    through: Literal["log", "apprise", "alertmanager"] = Field(
        description="The log of the process; a service by its Apprise address (Slack, Telegram, "
        "e-mail, PagerDuty, a webhook, …); an Alertmanager by the address of its API."
    )
    secret: SecretName | None = Field(
        default=None, description="The secret that is the address, tokens and all."
    )
    timeout: Duration | None = Field(
        default=None, description="How long one attempt may take; the log takes none."
    )
    resend: Duration | None = Field(
        default=None,
        description="How often an Alertmanager is told again of what fires, so that it does not "
        "take silence for the end.",
    )
    escalates_to: Name | None = Field(
        default=None, description="Who is told when nobody here acknowledged, or could be reached."
    )

    @model_validator(mode="after")
    def _check(self) -> Route:
        outside = self.through != LOG
        if outside and (self.secret is None or self.timeout is None):
            message = f"a route through `{self.through}` names its `secret` and its `timeout`"
            raise ValueError(message)
        if not outside and (self.secret is not None or self.timeout is not None):
            message = "the log has no address: `secret` and `timeout` are for routes that leave us"
            raise ValueError(message)
        if (self.through == "alertmanager") != (self.resend is not None):
            message = "`resend` belongs to a route through `alertmanager`, which needs it"
            raise ValueError(message)
        return self


class Retry(Closed):
    """When a message that did not arrive is tried again: twice as long after each attempt."""

    first: Duration = Field(description="After the first attempt that failed.")
    most: Duration = Field(description="The longest wait between two attempts.")


class Group(Closed):
    """Alerts that come together are told together."""

    wait: Duration = Field(description="How long the first alert of a message waits for others.")
    lines: int = Field(
        ge=1, le=50, description="So many alerts are written out; of more, their number is told."
    )


class Alerting(Closed):
    """Routes by the names that AlertRules use, and the times of every message."""

    routes: dict[Name, Route] = Field(min_length=1, description="Who is reached how.")
    look_every: Duration = Field(
        description="How often breakers and alerts are asked between two cycles, in real time."
    )
    group: Group
    retry: Retry
    give_up_after: Duration = Field(
        description="A message that no attempt delivered in this time is a dead letter: recorded, "
        "counted, and told to whom the route escalates to."
    )
    test_every: Duration = Field(
        description="Live trading needs a route that answered a test not longer ago than this."
    )
    executions: Name | None = Field(
        default=None,
        description="The route on which each execution is told at once, to somebody else than the "
        "trader (control C30); without it the ledger alone holds them.",
    )
    links: Links | None = Field(
        default=None, description="What a person can do from a notice; without it, only read it."
    )
    summary: Summary | None = Field(
        default=None, description="A message each day; without it none is sent."
    )

    @model_validator(mode="after")
    def _check(self) -> Alerting:
        if self.retry.first > self.retry.most:
            message = "the first wait between two attempts is longer than the longest"
            raise ValueError(message)
        for name in self.routes:
            _check_way(name, self.routes)
        if self.executions is not None and not self._is_service(self.executions):
            message = f"executions go through a service, and `{self.executions}` is no route to one"
            raise ValueError(message)
        if self.summary is not None and self.summary.route not in {LOG, *self.routes}:
            message = f"the summary goes to `{self.summary.route}`, which is no route"
            raise ValueError(message)
        return self

    def _is_service(self, name: str) -> bool:
        """Whether messages go there to be read: not the log, and no manager of alerts."""
        return name in self.routes and self.routes[name].through == "apprise"


def _check_way(name: str, routes: dict[str, Route]) -> None:
    """Follow the escalation from one route to its end."""
    passed = [name]
    while (further := routes[passed[-1]].escalates_to) is not None:
        if further not in routes:
            message = f"`{passed[-1]}` escalates to `{further}`, which is no route of this document"
            raise ValueError(message)
        if further in passed:
            message = f"an escalation ends: {' to '.join((*passed, further))} goes in a circle"
            raise ValueError(message)
        passed.append(further)
