"""The charts of the page as Vega-Lite: what is drawn, by which columns, with which words.

Out: specifications without data and without colours of their own; the page puts in the data and
the colours of a light or a dark screen. Each has a description for who does not see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.ledger.bodies import Body, Json

_TIME: Body = {
    "field": "t",
    "type": "temporal",
    "title": None,
    "scale": {"type": "utc"},
    "axis": {
        "labelOverlap": True,
        "tickCount": 6,
        # A day begins with its date; hours go to 24 everywhere in this house.
        "labelExpr": "utcFormat(datum.value, utchours(datum.value) + utcminutes(datum.value) == 0"
        " ? '%b %d' : '%H:%M')",
    },
}
_BINNED: Body = {
    "labelOverlap": True,
    "tickCount": 6,
    "labelExpr": "utcFormat(datum.value, '%b %d %H:%M')",
}
_AT: Body = {"field": "t", "type": "temporal", "title": "UTC", "format": "%Y-%m-%d %H:%M"}
_HEIGHT = 220
SETS = ("this set", "the other set")
"""The names of the two, the one that is asked about first."""

MOST_PCT = 120
"""How far beyond a limit the chart of headroom goes."""


def _chart(description: str, **parts: Json) -> Body:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description,
        "width": "container",
        "height": _HEIGHT,
        "autosize": {"type": "fit", "contains": "padding"},
        **parts,
    }


def equity_chart(*, two: bool) -> Body:
    """Equity of one set, or of `two`."""
    return _chart(
        "Equity over time",
        data={"name": "equity"},
        mark={"type": "line", "interpolate": "step-after", "strokeWidth": 1.6},
        encoding={
            "x": _TIME,
            "y": _value("equity", "equity in USD", zero=False),
            "color": _sets() if two else {**_sets(), "legend": None},
            "strokeDash": {
                "field": "set",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": [*SETS], "range": [[1, 0], [4, 3]]},
            },
            "tooltip": [_AT, _told("set"), _told("equity", ",.2f")],
        },
    )


def fall_chart() -> Body:
    """How far equity is below its height before."""
    return _chart(
        "Drawdown over time, in per cent of the highest equity before",
        data={"name": "equity"},
        height=110,
        mark={"type": "area", "interpolate": "step-after", "opacity": 0.35, "line": True},
        encoding={
            "x": _TIME,
            "y": {**_value("fall", "drawdown in %", zero=True), "stack": None},
            "color": {**_sets(), "legend": None},
            "tooltip": [_AT, _told("set"), _told("fall", ".2f")],
        },
    )


def exposure_chart() -> Body:
    """What was held, product upon product."""
    return _chart(
        "What is held of each product over time, in per cent of equity",
        data={"name": "exposure"},
        mark={"type": "area", "interpolate": "step-after"},
        encoding={
            "x": _TIME,
            "y": {**_value("pct", "% of equity", zero=True), "stack": "zero"},
            "color": _colour("symbol"),
            "tooltip": [_AT, _told("symbol"), _told("pct", ".2f")],
        },
    )


def headroom_chart() -> Body:
    """How near orders came to their limits; the line at 100 % is the limit."""
    dots: Body = {
        "data": {"name": "headroom"},
        "mark": {"type": "point", "filled": True, "size": 28, "opacity": 0.75},
        "encoding": {
            "x": _TIME,
            "y": {
                **_value("used", "% of the limit", zero=True),
                "scale": {"domain": [0, MOST_PCT], "clamp": True},
            },
            "color": _colour("rule"),
            "tooltip": [_AT, _told("rule"), _told("used", ".1f")],
        },
    }
    line: Body = {
        "data": {"values": [{"limit": 100}]},
        "mark": {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 1.5},
        "encoding": {"y": {"field": "limit", "type": "quantitative"}},
    }
    return _chart("How much of its limit each order used; 100 binds", layer=[dots, line])


def denial_chart() -> Body:
    """Denials over time by rule."""
    return _chart(
        "Denied orders over time, by the rule that refused",
        data={"name": "denials"},
        mark={"type": "bar"},
        encoding={
            # Stretches of time as bins: only so are bars put upon each other.
            "x": {**_TIME, "type": "quantitative", "bin": "binned", "axis": _BINNED},
            "x2": {"field": "u"},
            "y": {**_value("orders", "orders", zero=True), "stack": "zero"},
            "color": _colour("rule"),
            "tooltip": [_AT, _told("rule"), _told("orders", ",d")],
        },
    )


def saved_chart() -> Body:
    """What each rule saved and cost, as an estimate."""
    return _chart(
        "Estimate of what each rule saved and cost, in USD",
        data={"name": "saved"},
        height={"step": 22},
        mark={"type": "bar"},
        encoding={
            "y": {"field": "rule", "type": "nominal", "title": None, "sort": None},
            "x": _value("usd", "USD, estimated", zero=True),
            "color": {
                "field": "what",
                "type": "nominal",
                "title": None,
                "scale": {"domain": ["saved", "cost"], "range": ["#2a9d72", "#d1495b"]},
                "legend": {"orient": "bottom"},
            },
            "tooltip": [_told("rule"), _told("what"), _told("usd", ",.2f")],
        },
    )


def price_chart() -> Body:
    """One product's price with each order on it; a click tells its story."""
    line: Body = {
        "data": {"name": "prices"},
        "mark": {"type": "line", "strokeWidth": 1.2, "opacity": 0.8, "interpolate": "step-after"},
        "encoding": {"x": _TIME, "y": _value("price", "bid", zero=False)},
    }
    marks: Body = {
        "data": {"name": "orders"},
        "mark": {
            "type": "point",
            "filled": True,
            "size": 90,
            "opacity": 0.85,
            "cursor": "pointer",
        },
        "encoding": {
            "x": _TIME,
            "y": _value("price", "bid", zero=False),
            "color": {
                "field": "what",
                "type": "nominal",
                "title": None,
                "scale": {
                    "domain": ["bought", "sold", "denied"],
                    "range": ["#2a9d72", "#3d7dd8", "#e08e2b"],
                },
                "legend": {"orient": "bottom"},
            },
            "shape": {
                "field": "what",
                "type": "nominal",
                "scale": {
                    "domain": ["bought", "sold", "denied"],
                    "range": ["triangle-up", "triangle-down", "cross"],
                },
                "legend": None,
            },
            "tooltip": [_AT, _told("what"), _told("words")],
        },
    }
    return _chart("The price of a product, with its orders", height=300, layer=[line, marks])


def _value(field: str, title: str, *, zero: bool) -> Body:
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "scale": {"zero": zero},
        "axis": {"tickCount": 5, "minExtent": 46},
    }


def _colour(field: str) -> Body:
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "legend": {"orient": "bottom"},
    }


def _sets() -> Body:
    """The set that is asked about has the first colour, whatever it is beside."""
    return {**_colour("set"), "scale": {"domain": [*SETS]}}


def _told(field: str, form: str = "") -> Body:
    if not form:
        return {"field": field, "type": "nominal"}
    return {"field": field, "type": "quantitative", "format": form}
