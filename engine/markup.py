"""Elements of a page, with every text of a user escaped.

In: names, attributes, texts and elements. Out: `Html`, which is markup already; whatever else is
put into an element is text. A rule's name or a strategy's reason can never become markup.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_VOID = frozenset({"meta", "br", "input", "link"})


class Html(str):
    """Text that is markup."""

    __slots__ = ()


Content = Html | str


def element(name: str, /, *content: Content, **attributes: str) -> Html:
    """One element; `class_` is `class`, and an underscore within a name is a hyphen."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    inside = joined(content)
    return Html(f"<{name}{given}>" if name in _VOID else f"<{name}{given}>{inside}</{name}>")


def joined(content: Iterable[Content]) -> Html:
    """Parts one after another."""
    return Html("".join(each if isinstance(each, Html) else escape(each) for each in content))


def table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[Content]], numbers: int = 0
) -> Html:
    """A table that scrolls by itself on a narrow screen; its last `numbers` columns are numbers."""
    first = len(heads) - numbers
    head = element(
        "tr",
        *(
            element("th", each, scope="col", class_=_class(at, first))
            for at, each in enumerate(heads)
        ),
    )
    body = (
        element("tr", *(element("td", c, class_=_class(at, first)) for at, c in enumerate(row)))
        for row in rows
    )
    inside = element(
        "table", element("caption", caption), element("thead", head), element("tbody", *body)
    )
    # Focusable, so that a keyboard can scroll it.
    return element("div", inside, class_="wide", tabindex="0", role="region", aria_label=caption)


def _class(at: int, first: int) -> str:
    return "number" if at >= first else "text"
