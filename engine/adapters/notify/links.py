"""Links in a message: what its reader can do about it, each signed for him and for a while.

In: the Deployment's words about links, the key, a clock; the notices of one message. Out: lines
with addresses. Refuses (M939) to sign without a key that nobody guesses: notices go without links
then, which is told once, since a message that arrives matters more than what it offers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.model.links import LEAST_KEY, Link, LinkVerb, sign
from engine.model.notices import News
from engine.model.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.kinds.deployment.notices import Links
    from engine.model.notices import Notice, Sender
    from engine.ports import Clock, Secrets

PATH = "/l/"
_MOST_NAMED = 600
"""Characters of the alerts that one link acknowledges: an address has to fit into a message."""
_OPEN = frozenset({News.FIRING, News.ESCALATED})


@dataclass(frozen=True, slots=True)
class Linker:
    """Signs the links of a set; `key` appears in no output."""

    spec: Links
    key: str = field(repr=False)
    clock: Clock

    def lines(self, notices: Sequence[Notice], sender: Sender) -> list[str]:
        """A line for each thing that can be done about these, in the order of the Deployment."""
        return [
            line
            for offered in self.spec.offer
            for line in self._lines(LinkVerb(offered), notices, sender)
        ]

    def _lines(self, verb: LinkVerb, notices: Sequence[Notice], sender: Sender) -> Iterator[str]:
        for words, subject in self._subjects(verb, notices):
            link = Link(
                verb=verb,
                subject=subject,
                account=sender.account,
                mode=sender.mode,
                route=notices[0].route,
                until=self.clock.now().plus_s(self.spec.last_for),
            )
            yield f"{words}: {self.spec.base}{PATH}{sign(link, self.key)}"

    def _subjects(
        self, verb: LinkVerb, notices: Sequence[Notice]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        fires = [each for each in notices if each.news in _OPEN]
        match verb:
            case LinkVerb.ACK:
                names = _named(fires)
                if names:
                    yield _acknowledged(names, len(fires)), names
            case LinkVerb.WHY:
                for product in dict.fromkeys(each.key for each in fires if each.key):
                    yield f"why {product}", (product,)
                    return
            case LinkVerb.TIGHTEN if fires and self.spec.tighten_for is not None:
                seconds = self.spec.tighten_for
                yield f"no new risk for {duration_text(seconds)}", (str(seconds),)
            case LinkVerb.HALT if any(each.news not in _CALM for each in notices):
                yield "HALT", ()
            case LinkVerb.STATUS:
                yield "status", ()
            case _:
                return


_CALM = frozenset({News.RESOLVED, News.TEST})
"""Nobody halts for these."""


def _named(fires: Sequence[Notice]) -> tuple[str, ...]:
    """As many alerts as an address has room for."""
    found: list[str] = []
    for each in dict.fromkeys(each.name for each in fires):
        if sum(map(len, found)) + len(each) > _MOST_NAMED:
            break
        found.append(each)
    return tuple(found)


def _acknowledged(names: Sequence[str], fires: int) -> str:
    if len(names) == 1:
        return f"acknowledge {names[0]}"
    return f"acknowledge all {len(names)}" if len(names) == fires else f"acknowledge {len(names)}"


def linker_of(spec: Links | None, secrets: Secrets, clock: Clock) -> Linker | Diagnostic | None:
    """What signs, why nothing can, or None where no links are wanted."""
    if spec is None:
        return None
    key = secrets.get(spec.secret)
    if key is not None and len(key) >= LEAST_KEY:
        return Linker(spec, key, clock)
    return no_key(spec, key)


def no_key(spec: Links, key: str | None) -> Diagnostic:
    """Why links cannot be signed, nor believed."""
    what = (
        f"no place has the secret `{spec.secret}`"
        if key is None
        else f"the secret `{spec.secret}` has {len(key)} characters, fewer than {LEAST_KEY}"
    )
    mend = "make one that nobody guesses: `openssl rand -base64 32`; hand it over: `--secrets DIR`"
    return Diagnostic("M939", f"links of notices cannot be signed: {what}", None, mend)
