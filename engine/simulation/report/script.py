"""The script that draws the charts: Vega-Lite with all that it needs, from `vl-convert`.

Out: JavaScript text, the same for one release of the library. Refuses (M808) to go on without it.
"""

from __future__ import annotations

from functools import cache

from engine.errors import Diagnostic, MandateError, with_extra

_DEFINED = "window.vegaEmbed = vegaEmbed; window.vega = vega; window.vegaLite = vegaLite;"


@cache
def charting_script() -> str:
    """Defines `vegaEmbed`, `vega` and `vegaLite` for the page; asks nothing of a network."""
    try:
        from vl_convert import javascript_bundle  # noqa: PLC0415 - an extra, on first use
    except ModuleNotFoundError:
        message = "a page needs the extra `report`, which is not installed"
        mend = with_extra("report", "leave `--report` out")
        raise MandateError([Diagnostic("M808", message, None, mend)]) from None
    # Closed early, a script would spill into the page as text.
    return javascript_bundle(_DEFINED).replace("</script", "<\\/script")
