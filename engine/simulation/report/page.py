"""The page: everything that a simulation found, for a person, in one file.

In: a simulation, and the difference from another set where there is one. Out: HTML whose script,
style and data are inside; it opens without a network, and reads without a script but for charts.
"""

from __future__ import annotations

from pkgutil import get_data
from typing import TYPE_CHECKING

import orjson

from engine.markup import Html, element, joined
from engine.simulation.figures import figures_of
from engine.simulation.report import charts, points
from engine.simulation.report.script import charting_script
from engine.simulation.report.sections import differing, money, rules, top
from engine.simulation.report.stories import Stories
from engine.simulation.saved import estimates, follow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.ledger.bodies import Body, Json
    from engine.markup import Content
    from engine.model.symbols import Symbol
    from engine.simulation.against import Difference
    from engine.simulation.result import Simulation
    from engine.simulation.saved import Estimate

_HERE = "engine.simulation.report"
_MOST_PRODUCTS = 12


def report_page(simulation: Simulation, difference: Difference | None = None) -> str:
    """The whole page; raises MandateError (M808) without the extra `report`."""
    script = charting_script()
    stories = Stories(simulation)
    guesses = estimates(follow(simulation))
    title = f"{simulation.policy_set.name}: what it would have done"
    body = joined(
        (
            element("a", "Skip to the figures", href="#figures", class_="skip"),
            top.header(simulation, figures_of(simulation), difference),
            _contents(difference),
            element("main", *_sections(simulation, difference, stories, guesses)),
            element(
                "footer",
                "Every number is from the records of the simulation, but for what is called an "
                "estimate. Times are UTC. Series are thinned for drawing: of each stretch the "
                "lowest, the highest and the last value are kept.",
            ),
            _inline("data", _json(_data(simulation, difference, stories, guesses))),
            Html(f"<script>{script}</script>"),
            Html(f"<script>{_resource('page.js')}</script>"),
        )
    )
    return f"<!doctype html>\n{element('html', _head(title), element('body', body), lang='en')}\n"


def _head(title: str) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        # Whatever a text of the set says, nothing is ever fetched.
        Html(
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
            'img-src data:">'
        ),
        element("title", title),
        Html(f"<style>{_resource('page.css')}</style>"),
    )


def _resource(name: str) -> str:
    data = get_data(_HERE, name)
    # INVARIANT: the page's own style and script lie beside this module, in the wheel too.
    assert data is not None  # noqa: S101 - narrows the type
    return data.decode()


def _contents(difference: Difference | None) -> Html:
    named = [
        ("figures", "Money"),
        ("orders", "Orders"),
        ("limits", "Limits"),
        ("refused", "Refusals"),
        ("watch", "Breakers and alerts"),
        ("coverage", "Coverage"),
        ("recording", "Recording"),
    ]
    if difference is not None:
        named.insert(1, ("differs", "What differs"))
    links = (element("li", element("a", words, href=f"#{name}")) for name, words in named)
    return element("nav", element("ul", *links), aria_label="Parts of this page")


def _sections(
    simulation: Simulation,
    difference: Difference | None,
    stories: Stories,
    guesses: Sequence[Estimate],
) -> Iterator[Content]:
    yield money.figures(simulation)
    if difference is not None:
        yield differing.differs(difference)
    yield money.orders(stories, _products(simulation))
    yield rules.limits(simulation)
    yield rules.refused(simulation, guesses)
    yield rules.watch(simulation)
    yield rules.coverage(simulation)
    yield top.recording(simulation)


def _products(simulation: Simulation) -> list[Symbol]:
    """Those with an order, the busiest first; any where there was none."""
    counts: dict[Symbol, int] = {}
    for order in simulation.orders:
        counts[order.intent.symbol] = counts.get(order.intent.symbol, 0) + 1
    found = sorted(counts, key=lambda symbol: (-counts[symbol], symbol))
    return found[:_MOST_PRODUCTS] or list(simulation.recording.symbols[:1])


def _data(
    simulation: Simulation,
    difference: Difference | None,
    stories: Stories,
    guesses: Sequence[Estimate],
) -> Body:
    equity = points.equity_points(simulation, charts.SETS[0])
    if difference is not None:
        equity += points.equity_points(difference.base, charts.SETS[1])
    prices: dict[str, Json] = {
        str(symbol): points.price_points(simulation, symbol) for symbol in _products(simulation)
    }
    return {
        "charts": {
            "equity": charts.equity_chart(two=difference is not None),
            "fall": charts.fall_chart(),
            "exposure": charts.exposure_chart(),
            "headroom": charts.headroom_chart(),
            "denials": charts.denial_chart(),
            "saved": charts.saved_chart(),
            "price": charts.price_chart(),
        },
        "equity": equity,
        "exposure": points.exposure_points(simulation),
        "headroom": points.headroom_points(simulation),
        "denials": points.denial_points(simulation),
        "saved": points.saved_points(guesses),
        "prices": prices,
        "orders": [*stories.rows],
        "texts": [*stories.texts],
    }


def _json(data: Body) -> str:
    # Whatever a text says, it cannot end the element that it lies in.
    return orjson.dumps(data).decode().replace("<", "\\u003c")


def _inline(name: str, text: str) -> Html:
    return Html(f'<script type="application/json" id="{name}">{text}</script>')
