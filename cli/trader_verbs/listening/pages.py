"""The pages behind a link: the question, what came of it, and why not.

In: a link. Out: whole pages without a script, for a telephone at night.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.browsing.pages import whole
from cli.trader_verbs.shown import clock
from engine.markup import element
from engine.model.links import LinkVerb
from engine.run.tapping import question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.errors import Diagnostic
    from engine.markup import Content
    from engine.model.links import Signed

_SAYS = {
    LinkVerb.ACK: "It escalates no more, until it ends and comes again. Nothing else changes.",
    LinkVerb.HALT: "A halt throws the kill switch: nothing is sent any more, not even exits, and "
    "working orders are cancelled. Positions stay as they are, without their stops. Trading goes "
    "on after `trader resume`, in a terminal.",
    LinkVerb.TIGHTEN: "Entries that work are cancelled and none is sent; ways out go on. Nobody "
    "can end it early.",
    LinkVerb.STATUS: "Positions, orders, limits and alerts of this trader.",
    LinkVerb.WHY: "What stood in its way in the last cycle.",
}


def ask_page(signed: Signed, path: str) -> str:
    """The question; only its button does anything."""
    link, words = signed.link, question(signed)
    danger = " stop" if link.verb is LinkVerb.HALT else " main"
    return _page(
        words,
        element("h1", f"{words}?"),
        element("p", f"{link.account}, {link.mode}", class_="lead"),
        element("p", *_coded(_SAYS[link.verb])),
        element(
            "form",
            element("button", words, type="submit", class_=f"button{danger}"),
            method="post",
            action=path,
        ),
        element("p", f"This link works once, until {clock(link.until)} UTC.", class_="note"),
    )


def done_page(signed: Signed, words: str, shown: Content) -> str:
    """What came of it."""
    link = signed.link
    told = [element("p", words, class_="notice", role="status")] if words else []
    return _page(
        question(signed),
        element("h1", question(signed)),
        element("p", f"{link.account}, {link.mode}", class_="lead"),
        *told,
        shown,
    )


def refused_page(found: Sequence[Diagnostic]) -> str:
    """Why not, with the code by which it can be looked up."""
    told = [
        element("p", f"{each.code}: {each.message}", class_="notice bad", role="alert")
        for each in found
    ]
    mends = [element("p", *_coded(each.help)) for each in found]
    return _page("Nothing was done", element("h1", "Nothing was done"), *told, *mends)


def _coded(text: str) -> list[Content]:
    """A text with its commands as such."""
    parts = text.split("`")
    return [element("code", each) if at % 2 else each for at, each in enumerate(parts)]


def _page(title: str, *body: Content) -> str:
    return whole(title, element("main", *body, class_="narrow"), script=False)
