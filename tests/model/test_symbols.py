"""Symbols: one canonical name for the spellings of many venues."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.symbols import Symbol

CODES = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVW0123456789", min_size=1, max_size=20)


@given(CODES, CODES, st.sampled_from("-/_"))
def test_a_symbol_is_read_back_from_its_text(base: str, quote: str, separator: str) -> None:
    """In any case, with any usual separator; XBT is BTC."""
    symbol = Symbol.parse(f" {base.lower()}{separator}{quote} ")
    assert Symbol.parse(str(symbol)) == symbol
    assert symbol.base == ("BTC" if base == "XBT" else base)


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("BTCUSDT", Symbol("BTC", "USDT")),
        ("ethbtc", Symbol("ETH", "BTC")),
        ("XBT-USD", Symbol("BTC", "USD")),
        ("1INCH/EUR", Symbol("1INCH", "EUR")),
        ("BTCUSD", Symbol("BTC", "USD")),
    ],
)
def test_joined_names_are_split_at_a_known_quote_currency(text: str, symbol: Symbol) -> None:
    """BTC-USDT is not BTC-USD: the longer currency is looked for first."""
    assert Symbol.parse(text) == symbol


@pytest.mark.parametrize("text", ["", "BTC", "USD", "A-B-C", "-USD", "BTC-", "BTC USD", "B€-USD"])
def test_what_has_no_clear_split_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="product"):
        Symbol.parse(text)


def test_symbols_sort_by_base_then_quote() -> None:
    """The fixed order in which products are treated."""
    names = ["ETH-USD", "BTC-USD", "BTC-EUR"]
    assert [str(each) for each in sorted(map(Symbol.parse, names))] == sorted(names)


def test_a_symbol_travels_to_another_process() -> None:
    """Its hash does not go along: that of a text differs from process to process."""
    symbol = Symbol("BTC", "USD")
    assert pickle.loads(pickle.dumps(symbol)) == symbol  # noqa: S301 - our own bytes
    assert symbol.__reduce__() == (Symbol, ("BTC", "USD"))
