"""Links that people tap: opened, used once, and done by the files that every hand leaves.

In: a ledger, the words of its set about links, the key. Out: `Taps`. Refuses what nobody signed
(M935), what is over (M936), was used (M937) or is of another trader (M938); and (M939) to begin
where the set offers no links, or the key is not there. What a link does is recorded by the loop,
with the link's id and to whom it was told.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from engine.adapters.notify.links import no_key
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.cycle.orders import tightening
from engine.errors import Diagnostic, MandateError
from engine.model.links import LEAST_KEY, LinkVerb, Signed, verify
from engine.model.times import duration_text
from engine.run import halting
from engine.run.accounts import ordered
from engine.run.hearing import set_of
from engine.run.status import status_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.deployment.notices import Links
    from engine.ports import Clock, Secrets
    from engine.run.ledgers import LedgerView

_USED = "links/"
_PATIENCE_S = 5.0
"""How long a person at a telephone waits for what the loop says; the order stands all the same."""
_LEFT = "it is ordered; nobody runs this ledger, and the next run takes it in first"
_STANDS = "the order stands, and the loop has not answered yet: look at the status"


@dataclass(slots=True)
class Taps:
    """What links may do to one trader; asked from several threads."""

    view: LedgerView
    spec: Links
    key: str = field(repr=False)
    account: str
    mode: str
    clock: Clock
    _lock: Lock = field(default_factory=Lock, repr=False)

    def open(self, text: str) -> Signed:
        """The link of a text, which it does not use up; raises MandateError (M935 to M938)."""
        signed = verify(text, self.key)
        if signed is None:
            mend = "open it from the notice itself; a link that was cut off is none"
            raise MandateError([Diagnostic("M935", "nobody signed this link", None, mend)])
        found = next(self._against(signed), None)
        if found is not None:
            raise MandateError([found])
        return signed

    def _against(self, signed: Signed) -> Iterator[Diagnostic]:
        link, hands = signed.link, "in a terminal: `trader status`, `trader halt`"
        if not link.of(self.account, self.mode):
            message = f"this link is of {link.account}, {link.mode}, and not of this trader"
            yield Diagnostic("M938", message, None, "each trader has an address of its own")
        if not link.lasts(self.clock.now()):
            yield Diagnostic("M936", f"this link worked until {link.until}", None, hands)
        if self.view.disk.names(self._file(signed)):
            yield Diagnostic("M937", "this link was used", None, hands)

    def act(self, text: str) -> tuple[Signed, str]:
        """Use a link: do what it says, and say what came of it.

        Raises as `open` does, and what a disk that takes no command says; then it is not used up.
        """
        with self._lock:
            signed = self.open(text)
            self.view.disk.replace(self._file(signed), f"{self.clock.now()}\n".encode())
        try:
            return signed, self._done(signed)
        except BaseException:
            self.view.disk.remove(self._file(signed))
            raise

    def _done(self, signed: Signed) -> str:
        match signed.link.verb:
            case LinkVerb.HALT:
                return self._halt(signed)
            case LinkVerb.ACK:
                told = [self._order(signed, "ack", each) for each in signed.link.subject]
                return "; ".join(told)
            case LinkVerb.TIGHTEN:
                (seconds,) = signed.link.subject
                return self._order(signed, "tighten", tightening.target_of("", int(seconds)))
            case LinkVerb.STATUS | LinkVerb.WHY:
                return ""

    def _halt(self, signed: Signed) -> str:
        refused = halting.halt(self.view, self._command(signed, "halt", ""), self.clock.now())
        told = "the kill switch is thrown: nothing is sent any more"
        return told if refused is None else f"{told}; the disk refused to say who and why"

    def _order(self, signed: Signed, verb: str, target: str) -> str:
        command = self._command(signed, verb, target)
        if self.view.holder() is None:
            operator.drop_command(self.view.disk, command, self.clock.now())
            return _LEFT
        waiting = asyncio.wait_for(ordered(self.view, command, self.clock), _PATIENCE_S)
        try:
            return asyncio.run(waiting).outcome
        except TimeoutError:
            return _STANDS

    def _command(self, signed: Signed, verb: str, target: str) -> Command:
        return Command(verb, target, f"link of {signed.link.route}", f"tapped link {signed.id}")

    @staticmethod
    def _file(signed: Signed) -> str:
        return f"{_USED}{signed.id}"


def question(signed: Signed) -> str:
    """What a link does, as a person is asked."""
    subject = signed.link.subject
    match signed.link.verb:
        case LinkVerb.ACK:
            return f"Acknowledge {', '.join(subject)}"
        case LinkVerb.HALT:
            return "Halt trading"
        case LinkVerb.TIGHTEN:
            return f"Take no new risk for {duration_text(int(subject[0]))}"
        case LinkVerb.STATUS:
            return "Show the status"
        case LinkVerb.WHY:
            return f"Show why nothing is bought of {', '.join(subject)}"


def taps_of(view: LedgerView, own: Secrets, clock: Clock) -> Taps:
    """What the set in force lets links do; raises MandateError (M939)."""
    status = status_of(view)
    policy_set = set_of(status)
    alerting = None if policy_set is None else policy_set.deployment.alerting
    spec = None if alerting is None else alerting.links
    if spec is None:
        mend = "add `alerting: {links: …}` to the Deployment, and have it reviewed"
        message = "the set in force offers no links"
        raise MandateError([Diagnostic("M939", message, None, mend)])
    key = own.get(spec.secret)
    if key is None or len(key) < LEAST_KEY:
        raise MandateError([no_key(spec, key)])
    return Taps(view, spec, key, status.state.account, status.state.mode, clock)
