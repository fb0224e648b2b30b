"""The pages of the dashboard: the trader, the way in, and the question before a halt.

In: what to show. Out: whole pages without a script, a style or a picture from anywhere else. Each
works without a script too; with one the trader's page is kept up to date.
"""

from __future__ import annotations

from pkgutil import get_data
from typing import TYPE_CHECKING

from cli.trader_verbs.browsing.markup import fragment
from engine.markup import Html, element

if TYPE_CHECKING:
    from cli.trader_verbs.console.source import Look
    from engine.markup import Content

_HERE = "cli.trader_verbs.browsing"
_REFRESH_S = 5
CONFIRM = "HALT"


def asset(name: str) -> str:
    """A file that lies beside this module, in the wheel too."""
    data = get_data(_HERE, name)
    # INVARIANT: the style and the script of the page are part of the package.
    assert data is not None  # noqa: S101 - narrows the type
    return data.decode()


def trader_page(look: Look, form: str, *, may_halt: bool) -> str:
    """Where the trader stands."""
    stream = look.panel.stream if look.panel else "trader"
    halted = look.panel is not None and look.panel.halted
    stop: Content = ""
    if may_halt:
        words = "Halted" if halted else "Halt…"
        stop = element("a", words, href="/halt", class_="button stop")
    return whole(
        f"{stream}: dashboard",
        element(
            "header",
            element("h1", stream),
            element("p", "", id="live", role="status"),
            stop,
        ),
        element("main", fragment(look), id="panel"),
        element(
            "footer",
            element(
                "p",
                "This page reads, and cannot trade. Times are UTC. Limits are shown as they were "
                "when an order last asked them.",
            ),
            _leave(form),
        ),
        refreshed=True,
    )


def _leave(form: str) -> Html:
    return element(
        "form",
        _hidden(form),
        element("button", "Leave", type="submit", class_="button"),
        method="post",
        action="/leave",
    )


def enter_page(words: str = "") -> str:
    """The way in: a key, from the address behind its `#` or typed."""
    told = [element("p", words, class_="notice bad", role="alert")] if words else []
    return whole(
        "Mandate: the key, please",
        element(
            "main",
            element("h1", "The key, please"),
            element(
                "p",
                "The terminal that serves this page shows the address with its key. A key opens "
                "once; the next one is shown there then.",
                class_="lead",
            ),
            *told,
            element(
                "form",
                element("label", "Key", for_="key"),
                element(
                    "input",
                    type="password",
                    name="key",
                    id="key",
                    required="",
                    autocomplete="off",
                    spellcheck="false",
                ),
                element("button", "Open", type="submit", class_="button main"),
                method="post",
                action="/enter",
                id="enter",
            ),
            class_="narrow",
        ),
    )


def halt_page(look: Look, form: str, words: str = "", reason: str = "") -> str:
    """The question before a halt."""
    told = [element("p", words, class_="notice bad", role="alert")] if words else []
    panel = look.panel
    state = f"{panel.stream} is {panel.state.text} now. " if panel else ""
    return whole(
        "Halt trading",
        element(
            "main",
            element("h1", "Halt trading"),
            element(
                "p",
                f"{state}A halt throws the kill switch: nothing is sent any more, not even exits, "
                "and working orders are cancelled. Positions stay as they are, without their "
                "stops. Trading goes on after ",
                element("code", "trader resume"),
                ", in a terminal.",
                class_="lead",
            ),
            *told,
            element(
                "form",
                _hidden(form),
                element("label", "Why, for the record", for_="reason"),
                element(
                    "input",
                    type="text",
                    name="reason",
                    id="reason",
                    value=reason,
                    required="",
                    maxlength="200",
                    autocomplete="off",
                ),
                element("label", f"Type {CONFIRM} to confirm", for_="confirm"),
                element(
                    "input",
                    type="text",
                    name="confirm",
                    id="confirm",
                    required="",
                    autocomplete="off",
                    autocapitalize="characters",
                    spellcheck="false",
                ),
                element("button", "Halt trading now", type="submit", class_="button stop"),
                element("a", "Back", href="/", class_="button"),
                method="post",
                action="/halt",
            ),
            class_="narrow",
        ),
    )


def _hidden(form: str) -> Html:
    return element("input", type="hidden", name="form", value=form)


def whole(title: str, *body: Content, refreshed: bool = False, script: bool = True) -> str:
    """A whole page; without a script of ours where it has nothing to keep up to date."""
    anew: Content = ""
    if refreshed:
        # Without a script the page comes anew by itself.
        meta = element("meta", http_equiv="refresh", content=str(_REFRESH_S))
        anew = element("noscript", meta)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="robots", content="noindex"),
        element("title", title),
        element("link", rel="icon", href="/icon.svg", type="image/svg+xml"),
        element("link", rel="stylesheet", href="/page.css"),
        Html('<script src="/page.js" defer></script>' if script else ""),
        anew,
    )
    return f"<!doctype html>\n{element('html', head, element('body', *body), lang='en')}\n"
