"""Numbers and times in the one style of the verbs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cli.trader_verbs.shown import average, columns, counted, exact, lasting, money, percent, signed


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (money(Decimal("10002.306"), "USD"), "10,002.31 USD"),
        (money(Decimal("0.004")), "0.004"),
        (money(None), "unknown"),
        (signed(Decimal("-3.5"), "USD"), "-3.50 USD"),
        (signed(Decimal(0)), "+0.00"),
        (signed(None), "unknown"),
        (percent(Decimal("-0.001")), "+0.00 %"),
        (percent(-2.221), "-2.22 %"),
        (percent(None), "unknown"),
        (exact(Decimal("94012.50")), "94,012.5"),
        (exact(Decimal("0.00130024")), "0.00130024"),
        (exact(Decimal(2000)), "2,000"),
        (average(Decimal("95649.333333")), "95,649.33"),
        (average(Decimal("0.3100004")), "0.310000"),
        (lasting(21720), "6h 2m"),
        (lasting(0), "0s"),
        (counted(1, "order"), "1 order"),
        (counted(3001, "entry", "entries"), "3,001 entries"),
        (columns([("a", "1"), ("bb", "22")], right=(1,)), "  a    1\n  bb  22\n"),
        (columns([]), ""),
    ],
)
def test_style(shown: str, expected: str) -> None:
    """Money has cents and thousands, quantities all digits, results their sign."""
    assert shown == expected
