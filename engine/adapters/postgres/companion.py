"""The companion of a loop: a thread that keeps its shared ledger up with its journal.

In: a shipping and how it stands. Out: records at the server, a lease that is renewed. It never
makes the loop wait; at the end it ships what is left, for as long as that is worth waiting for.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.adapters.postgres.shipping import Shipping
    from engine.adapters.postgres.standing import Standing

TICK_S = 0.1
_AGAIN_S = 0.25
_LAST_WORDS_S = 10.0
_PATIENCE_S = 30.0


class Companion:
    """Begins with `start`, ends with `finish`; a second end does nothing."""

    def __init__(self, shipping: Shipping, standing: Standing) -> None:
        self._shipping = shipping
        self.standing = standing
        self._ending = threading.Event()
        # A daemon: a server that answers nobody must not keep a process from its end.
        self._thread = threading.Thread(target=self._run, name="shared ledger", daemon=True)

    def start(self) -> None:
        """Ship from now on."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it is still at work; before `finish` only a fault of ours ends it."""
        return self._thread.is_alive()

    def finish(self) -> bool:
        """Ship what is left and give the stream back; whether the server has all of it."""
        self._ending.set()
        self._thread.join(_PATIENCE_S)
        return self.standing.seen.failing is None and self.standing.seen.lost is None

    def _run(self) -> None:
        while not self._ending.is_set() and self.standing.seen.lost is None:
            self._shipping.attempt()
            self._ending.wait(TICK_S if self.standing.seen.failing is None else _AGAIN_S)
        self._ship_the_rest()
        self._shipping.release()

    def _ship_the_rest(self) -> None:
        """All of it while the server answers; a server that is away is asked for a while."""
        until = self.standing.now_s() + _LAST_WORDS_S
        while self.standing.seen.lost is None and not self._shipping.attempt():
            if self.standing.seen.failing is not None and self.standing.now_s() > until:
                return
            threading.Event().wait(0 if self.standing.seen.failing is None else _AGAIN_S)
