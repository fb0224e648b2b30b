"""A panel as markup: the part of the page that is exchanged as the ledger grows.

In: a `Look`. Out: sections with a key each, so that only what changed is exchanged. Nothing is said
by colour alone, and every text of the ledger is escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.console.panel import Tone
from engine.markup import Html, element, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cli.trader_verbs.console.panel import Bar, Bars, Cell, Figure, Panel, Part
    from cli.trader_verbs.console.source import Look
    from engine.markup import Content

_FULL_PCT = 100.0
_FAR_PCT = 1000.0
_SHOWN_ROWS = 10
_SHOWN_BARS = 9


def fragment(look: Look) -> Html:
    """Everything between the page's head and its foot."""
    trouble = [_notice(look.trouble)] if look.trouble else []
    return joined([*trouble, *(_sections(look.panel) if look.panel else ())])


def _notice(words: str) -> Html:
    told = f"The ledger cannot be read: {words}. What is shown is what was read before."
    return element("p", told, class_="notice bad", data_key="trouble", role="alert")


def _sections(panel: Panel) -> Iterator[Content]:
    yield _state(panel)
    yield element("ul", *map(_figure, panel.figures), class_="tiles", data_key="figures")
    for part in panel.parts:
        if part.rows and part.urgent:
            yield _part(part)
    measured = [_bars(each) for each in panel.bars if each.bars]
    if measured:
        yield element("div", *measured, class_="measured", data_key="bars")
    for part in panel.parts:
        if part.rows and not part.urgent:
            yield _part(part)
    yield _quiet(panel)


def _state(panel: Panel) -> Html:
    rows = (
        ("last cycle", panel.last_cycle.text, panel.last_cycle.tone),
        ("run by", panel.run_by.text, panel.run_by.tone),
        ("policy set", panel.policy_set, Tone.PLAIN),
        ("hash", panel.hash or "none", Tone.PLAIN),
    )
    details = (
        part
        for label, words, tone in rows
        for part in (
            element("dt", label),
            element("dd", element("code", words) if label == "hash" else words, class_=tone.value),
        )
    )
    return element(
        "section",
        element(
            "p",
            element("strong", panel.state.text),
            element("span", panel.says),
            class_=f"banner {panel.state.tone.value}",
            role="status",
        ),
        element("dl", *details),
        class_="state",
        data_key="state",
    )


def _figure(figure: Figure) -> Html:
    return element(
        "li",
        element("span", figure.label, class_="label"),
        element("b", figure.value, class_=figure.tone.value),
        element("span", figure.note, class_="note"),
    )


def _bars(bars: Bars) -> Html:
    shown, rest = bars.bars[:_SHOWN_BARS], bars.bars[_SHOWN_BARS:]
    inside = [element("ul", *map(_bar, shown), class_="bars")]
    if rest:
        inside.append(_more(bars.key, len(rest), element("ul", *map(_bar, rest), class_="bars")))
    return element("section", element("h2", bars.title), *inside)


def _bar(bar: Bar) -> Html:
    used = "over" if bar.used_pct >= _FAR_PCT else f"{bar.used_pct:.0f} %"
    return element(
        "li",
        element("span", bar.name, class_=f"name {bar.tone.value}"),
        element("span", used, class_=f"share {bar.tone.value}"),
        _meter(bar),
        element("span", bar.says, class_="note"),
    )


def _meter(bar: Bar) -> Html:
    # Not by an element's own style, which the page's policy forbids.
    filled = f"{min(bar.used_pct, _FULL_PCT):.1f}"
    return element(
        "svg",
        element("rect", class_="track", width="100", height="6"),
        element("rect", class_=f"fill {bar.tone.value}", width=filled, height="6"),
        viewBox="0 0 100 6",
        preserveAspectRatio="none",
        class_="meter",
        aria_hidden="true",
    )


def _part(part: Part) -> Html:
    shown, rest = part.rows[:_SHOWN_ROWS], part.rows[_SHOWN_ROWS:]
    inside = [_table(part, shown)]
    if rest:
        inside.append(_more(part.key, len(rest), _table(part, rest)))
    return element("section", element("h2", part.title), *inside, data_key=part.key)


def _more(key: str, count: int, inside: Html) -> Html:
    return element("details", element("summary", f"{count} more"), inside, id=f"more-{key}")


def _table(part: Part, rows: Sequence[Sequence[Cell]]) -> Html:
    heads = (
        element("th", head, scope="col", class_=_kind(part, at))
        for at, head in enumerate(part.heads)
    )
    body = (element("tr", *(_cell(part, at, cell) for at, cell in enumerate(row))) for row in rows)
    inside = element("table", element("thead", element("tr", *heads)), element("tbody", *body))
    # Focusable, so that a keyboard can scroll it.
    return element("div", inside, class_="wide", tabindex="0", role="region", aria_label=part.title)


def _cell(part: Part, at: int, cell: Cell) -> Html:
    kind = f"{_kind(part, at)} {cell.tone.value}"
    return element("td", cell.text, class_=kind, data_head=part.heads[at])


def _kind(part: Part, at: int) -> str:
    return "number" if at in part.numbers else "text"


def _quiet(panel: Panel) -> Html:
    """What has nothing to say, each in a word: a missing section could be a missing answer."""
    silent = [
        *((each.title, each.none) for each in panel.bars if not each.bars),
        *((each.title, each.none) for each in panel.parts if not each.rows),
    ]
    rows = (part for title, none in silent for part in (element("dt", title), element("dd", none)))
    return element(
        "section",
        element("h2", "Nothing to tell"),
        element("dl", *rows),
        class_="quiet",
        data_key="quiet",
    )
