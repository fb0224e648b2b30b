"""What an option cannot take is refused in our words: what it is not, and what it could be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED = {
    "a time without a unit": (
        ("silence", "add", "daily_stop_hit", "--for", "4", "--ledger", "x"),
        "'--for': `4` is not a duration, such as 90s, 15m, 4h or 7d",
    ),
    "a stretch without a unit": (
        ("why", "BTC-USD", "--last", "24", "--ledger", "x"),
        "'--last': `24` is not a duration, such as 90s, 15m, 4h or 7d",
    ),
    "a product without its money": (
        ("run", "--policies", "x", "--product", "btc"),
        "'--product': `btc` is not a product, such as BTC-USD",
    ),
    "a number that is none": (
        ("run", "--policies", "x", "--spread-bps", "ten"),
        "'--spread-bps': `ten` is not a number",
    ),
    "an address without a port": (
        ("run", "--policies", "x", "--metrics", "9464"),
        "'--metrics': `9464` is not HOST:PORT, such as 127.0.0.1:9464",
    ),
}


@pytest.mark.parametrize(("typed", "words"), REFUSED.values(), ids=REFUSED)
def test_a_value_is_refused_in_our_own_words(
    typed: tuple[str, ...], words: str, ask: Callable
) -> None:
    """Usage is status 2, and the last line says the option, what it is not, and an example."""
    outcome = ask(*typed)
    assert outcome.status == 2
    assert outcome.err.splitlines()[-1] == f"Error: Invalid value for {words}"
