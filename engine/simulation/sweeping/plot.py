"""The plot of a sweep: result, drawdown and denied notional against the values of its first axis.

In: the rows of a sweep. Out: SVG text, of Vega-Lite. Refuses (M836) to draw without the extra
`report`, and a sweep that has no axis of numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from engine.errors import Diagnostic, MandateError, with_extra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ledger.bodies import Body, Json

_FIGURES = (
    ("result", "result"),
    ("drawdown_pct", "drawdown, %"),
    ("denied_usd", "denied notional"),
)


def drawn(axis: str, rows: Sequence[Body]) -> str:
    """The plot; `rows` have the axis' value as `x`, and what tells variants apart as `series`."""
    try:
        import vl_convert  # noqa: PLC0415 - an extra, imported on first use
    except ImportError as error:
        mend = with_extra("report", "leave `--plot` out")
        found = Diagnostic("M836", "a plot needs the extra `report`", None, mend)
        raise MandateError([found]) from error
    spec = orjson.dumps(_spec(axis, rows)).decode()
    return str(vl_convert.vegalite_to_svg(spec))


def _spec(axis: str, rows: Sequence[Body]) -> Json:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": [*rows]},
        "vconcat": [_panel(axis, field, title) for field, title in _FIGURES],
    }


def _panel(axis: str, field: str, title: str) -> Json:
    return {
        "width": 560,
        "height": 150,
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "title": axis, "scale": {"zero": False}},
            "y": {"field": field, "type": "quantitative", "title": title},
            "color": {"field": "series", "type": "nominal", "title": None},
        },
    }
