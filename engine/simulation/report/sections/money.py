"""Money over time, and every order on the price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.markup import Html, element, table
from engine.simulation.figures import days_of
from engine.simulation.report.sections.wording import NONE, lasting, pct, signed, stamp, usd
from engine.simulation.trades import trades_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.model.symbols import Symbol
    from engine.simulation.report.stories import Stories
    from engine.simulation.result import Simulation

_MOST_ROWS = 400
_MOST_OF_A_PRODUCT = 150


def figures(simulation: Simulation) -> Html:
    """Equity, drawdown, exposure; days and trades as tables."""
    days = [
        (str(d.start)[:10], usd(d.equity), signed(d.result), str(d.allowed), str(d.denied))
        for d in days_of(simulation)
    ]
    return element(
        "section",
        element("h2", "Money"),
        chart("equity", "Equity over time"),
        chart("fall", "Drawdown over time"),
        element("h2", "What was held"),
        chart("exposure", "Exposure over time, by product"),
        table("By day, in USD", ("day", "equity", "result", "allowed", "denied"), days, 4),
        _trades(simulation),
        id="figures",
    )


def _trades(simulation: Simulation) -> Html:
    found = trades_of(simulation.fills)
    rows = [
        (
            str(t.symbol),
            t.strategy,
            stamp(t.opened),
            lasting(t.held_s),
            t.left_by or "open",
            "open" if t.result is None else signed(t.result),
            NONE if t.result_pct is None else pct(t.result_pct),
        )
        for t in found[:_MOST_ROWS]
    ]
    heads = ("product", "strategy", "opened", "held", "left by", "USD", "")
    return table(_counted("Trades", len(found)), heads, rows, 2)


def orders(stories: Stories, products: Sequence[Symbol]) -> Html:
    """One product's price at a time, its orders on it, and their stories."""
    choice = element("select", *(element("option", str(each)) for each in products), id="symbol")
    left = element(
        "div",
        element("label", "Product ", choice, for_="symbol"),
        chart("price", "The price of the product, with its orders"),
        table(
            f"Orders, at most {_MOST_OF_A_PRODUCT} of a product; the chart has all",
            ("when", "what", "verdict"),
            [*_rows(stories, products)],
        ),
        id="order-rows",
    )
    story = element(
        "div",
        element("h3", "Choose an order"),
        element("p", "A click on the chart or in the table tells why.", class_="note"),
        id="story",
        tabindex="-1",
        aria_live="polite",
        role="region",
        aria_label="The story of an order",
    )
    note = f" The last {stories.left_out:,} are in the JSON only." if stories.left_out else ""
    return element(
        "section",
        element("h2", "Orders, and why"),
        element("p", f"Every rule that was asked, and how near it was.{note}", class_="lead"),
        element("div", left, story, class_="orders"),
        id="orders",
    )


def _rows(stories: Stories, products: Sequence[Symbol]) -> Iterator[tuple[Html | str, ...]]:
    left = {str(each): _MOST_OF_A_PRODUCT for each in products}
    for number, row in enumerate(stories.rows):
        symbol = str(row["symbol"])
        if not left.get(symbol):
            continue
        left[symbol] -= 1
        words = f"{row['side']} {row['quantity'] if row['verdict'] != 'deny' else row['asked']}"
        button = element(
            "button", stories.when(number), class_="row", data_order=str(number), type="button"
        )
        kind = "warn" if row["verdict"] == "deny" else "good"
        yield button, f"{words} {symbol}", element("span", str(row["verdict"]), class_=kind)


def chart(name: str, words: str) -> Html:
    """The place of a chart."""
    return element("div", id=name, class_="chart", role="img", aria_label=words)


def _counted(what: str, count: int) -> str:
    return what if count <= _MOST_ROWS else f"{what}: the first {_MOST_ROWS:,} of {count:,}"
