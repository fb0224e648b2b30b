"""How long a cycle takes, and each of its stages: what the cycle tells, and who does not listen.

Out: the protocol of whoever measures (`tracing.TracedStages`), and `SILENT`: without a listener
nothing is measured, and a stage costs a function call.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

_NOTHING: AbstractContextManager[None] = nullcontext()


class Stages(Protocol):
    """Whoever wants to know how long things take."""

    def cycle(self, number: int) -> AbstractContextManager[None]:
        """Around one whole cycle."""
        ...

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Around one stage of it; `name` is one of `instruments.STAGES`."""
        ...


class Silent:
    """Nobody wants to know."""

    def cycle(self, _number: int) -> AbstractContextManager[None]:
        """Do nothing."""
        return _NOTHING

    def stage(self, _name: str) -> AbstractContextManager[None]:
        """Do nothing."""
        return _NOTHING


SILENT = Silent()
