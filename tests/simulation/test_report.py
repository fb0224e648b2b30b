"""The page of a simulation, in a real browser: it draws, asks no network, and tells of an order."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.errors import MandateError
from engine.markup import Html, element, table
from engine.simulation.against import difference
from engine.simulation.report import script
from engine.simulation.report.page import report_page
from engine.simulation.report.stories import Stories

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.browser import Page

    from engine import Simulation

MOST_BYTES = 3_000_000
CHARTS = ("equity", "fall", "exposure", "headroom", "denials", "saved", "price")


@pytest.fixture(scope="module")
def page(afternoon: Simulation) -> str:
    """The page of the afternoon, beside itself without its last order."""
    other = replace(afternoon, orders=afternoon.orders[:-1])
    return report_page(afternoon, difference(other, afternoon))


@pytest.fixture(scope="module")
def file(page: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as a file."""
    path = tmp_path_factory.mktemp("report") / "page.html"
    path.write_text(page, encoding="utf-8")
    return path


# The one that the other tests look at comes last: it is loaded once.
SCREENS = {"dark": (1280, True), "telephone": (390, False), "desktop": (1280, False)}


@pytest.mark.long
@pytest.mark.parametrize(("width", "dark"), SCREENS.values(), ids=SCREENS)
def test_the_page_draws_and_asks_no_network(
    width: int,
    dark: bool,  # noqa: FBT001 - a table's column
    file: Path,
    tab: Page,
) -> None:
    """Every chart is drawn, nothing fails, nothing is fetched, and nothing is wider than it may."""
    tab.requests.clear()
    tab.open(file, width=width, dark=dark)
    assert tab.evaluate("document.documentElement.dataset.failed") is None
    drawn = tab.evaluate(
        "[...document.querySelectorAll('.chart')].filter("
        "e => e.dataset.drawn && e.querySelector('svg').getBBox().width > 50).map(e => e.id)"
    )
    assert sorted(drawn) == sorted(CHARTS)
    assert tab.errors == []
    assert [each for each in tab.requests if not each.startswith(("file:", "about:"))] == []
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.long
def test_a_click_tells_the_story_of_an_order(file: Path, tab: Page) -> None:
    """A mark on the price and a row of the table tell who wanted it, the verdict and each rule."""
    tab.open(file)
    tab.click("#price .mark-symbol path")
    tab.wait("document.querySelectorAll('#story tbody tr').length")
    told = tab.evaluate("document.getElementById('story').innerText")
    assert re.match(r"(Allowed|Denied|Made smaller): (BUY|SELL) ", told)
    assert "wanted" in told
    tab.evaluate("document.querySelector('#order-rows tr:not([hidden]) button').focus()")
    for kind in ("keyDown", "keyUp"):
        tab.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", text="\r")
    tab.wait("document.activeElement.id === 'story'")


@pytest.mark.long
def test_another_product_shows_its_own_orders(file: Path, tab: Page) -> None:
    """The choice of a product changes the price, the marks, and the rows of the table."""
    tab.open(file)
    tab.evaluate(
        "(s => { s.value = s.options[1].value; s.dispatchEvent(new Event('change')) })"
        "(document.getElementById('symbol'))"
    )
    chosen = tab.evaluate("document.getElementById('symbol').value")
    rows = "[...document.querySelectorAll('#order-rows tbody tr:not([hidden])')]"
    tab.wait(f"{rows}.every(r => r.cells[1].innerText.endsWith('{chosen}'))")


@pytest.mark.long
def test_a_reader_without_eyes_finds_words(file: Path, tab: Page) -> None:
    """Each chart has a name, each table a caption and heads, each control a label."""
    tab.open(file)
    for unnamed in (
        "[...document.querySelectorAll('.chart')].filter(e => !e.getAttribute('aria-label'))",
        "[...document.querySelectorAll('main table')].filter(e => !e.caption || !e.tHead)",
        "[...document.querySelectorAll('select')].filter(e => !e.labels.length)",
        "[...document.querySelectorAll('button')].filter(e => !e.innerText && !e.ariaLabel)",
    ):
        assert tab.evaluate(f"{unnamed}.length") == 0, unnamed


def test_the_page_is_one_small_file(page: str, afternoon: Simulation) -> None:
    """Script, style and data are inside, in no more than three megabytes, with the hashes."""
    assert len(page.encode()) < MOST_BYTES
    without_scripts = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"<(link|img|iframe)|src=|href=\"[^#]|url\(", without_scripts)
    for digest in (afternoon.policy_set.hash, afternoon.recording.digest, afternoon.stream_hash):
        assert digest in page


def test_no_text_becomes_markup() -> None:
    """What a person wrote is text, in elements, in attributes, and in the data."""
    evil = '</script><b title="x">'
    told = element("p", evil, title=evil) + table("c", (evil,), [(evil,)])
    assert "<b" not in told
    assert element("p", Html("<i>")) == "<p><i></p>"


def test_stories_stop_before_a_page_is_too_heavy(
    afternoon: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Orders beyond the size that a page may have are counted, not lost silently."""
    monkeypatch.setattr("engine.simulation.report.stories.MOST_BYTES", 5_000)
    stories = Stories(afternoon)
    assert stories.left_out == len(afternoon.orders) - len(stories.rows) > 0
    assert len(json.dumps(stories.rows)) < 10_000


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has not installed the library is told which extra brings it."""
    monkeypatch.setitem(__import__("sys").modules, "vl_convert", None)
    script.charting_script.cache_clear()
    with pytest.raises(MandateError, match="M808"):
        script.charting_script()
