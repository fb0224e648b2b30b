"""A thousand times the prices, the money and the set's numbers in USD: the same decisions.

Whoever mixes a number of dollars with a number of coins, or keeps a literal somewhere, decides
otherwise in a market of other prices. Two days of the crash, run twice.
"""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from acceptance.conftest import POLICIES, ROOT
from policyset.sets import documents

from engine.adapters.recorded import SpreadModel
from engine.policyset.sealing import effective_plain
from engine.run import RunSettings, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.cycle.desk import Round, Told
    from engine.kinds.base import Plain

FACTOR = 1000
PRODUCTS = ("BTC-USDT", "ETH-USDT", "LINK-USDT")
MONEY = ("quote_min_size", "price_increment", "USDT")


def in_money(value: Plain, path: str = "") -> Iterator[tuple[str, Plain]]:
    """The places of a document whose numbers are of money, with what they are times the factor."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key.endswith("_usd") or key in MONEY:
                yield f"{path}{key}", times(each)
            else:
                yield from in_money(each, f"{path}{key}.")
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from in_money(each, f"{path}{at}.")


def times(value: Plain) -> Plain:
    """Every number in it times the factor."""
    match value:
        case Decimal():
            return value * FACTOR
        case dict():
            return {key: times(each) for key, each in value.items()}
        case list():
            return [times(each) for each in value]
        case _:
            return value


def written(value: Plain) -> str:
    """As YAML in one line."""
    match value:
        case dict():
            inside = ", ".join(f"{key}: {written(each)}" for key, each in value.items())
            return f"{{{inside}}}"
        case list():
            return f"[{', '.join(map(written, value))}]"
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


@pytest.fixture(scope="module")
def scaled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An overlay of the set `bars` in which all money is a thousand times as much."""
    home = tmp_path_factory.mktemp("scaled")
    for name in ("policies", "strategies"):
        shutil.copytree(ROOT / name, home / name)
    folder = home / "policies" / "scaled"
    folder.mkdir()
    patches = []
    for document in documents("bars"):
        plain = effective_plain(document)
        assert isinstance(plain, dict)
        changes = {**dict(in_money(plain["spec"]))} if document.kind != "PolicySet" else {}
        # A rate is what a currency is worth, not an amount of it.
        changes = {path: each for path, each in changes.items() if not path.startswith("rates")}
        for path, each in changes.items():
            patches.append(
                f"    - {{target: {document.id}, set: {{{path}: {written(each)}}}, reason: scale}}"
            )
    assert len(patches) >= 8
    lines = [
        "apiVersion: mandate/v1",
        "kind: PolicySet",
        "metadata: {name: scaled, description: A thousand times the money.}",
        "spec:",
        "  base: ../bars",
        "  patches:",
        *patches,
    ]
    (folder / "policyset.yaml").write_text("\n".join(lines) + "\n")
    return folder


def decided(policies: Path, bars: Path, ledger: Path, depth: int) -> list[Round]:
    """The rounds of a run."""
    model = SpreadModel(Decimal(10), Decimal(depth))
    session = prepare(RunSettings(policies, ledger, (bars,), derive=model))
    rounds: list[Round] = []
    session.run(rounds.append)
    return rounds


def relative(told: Told) -> tuple[object, ...]:
    """What of an order does not depend on the unit of money."""
    intent, decision = told.intent, told.decision
    reasons = [(each.code, dict(each.values).get("rule")) for each in decision.reasons]
    return (
        str(intent.symbol),
        intent.intent,
        intent.form,
        intent.strategy,
        decision.verdict,
        decision.resized_by,
        tuple(reasons),
        told.outcome,
    )


def test_a_thousand_times_the_money_is_the_same_decision(
    crash_bars: Path, scaled: Path, tmp_path: Path
) -> None:
    """Order by order: the same products, sizes, verdicts, reasons and outcomes."""
    whole = pl.read_parquet(crash_bars).filter(pl.col("symbol").is_in(PRODUCTS))
    plain, large = tmp_path / "plain.parquet", tmp_path / "large.parquet"
    whole.write_parquet(plain)
    # By way of decimals: a float times a thousand is another float's neighbour now and then.
    prices = ("open", "high", "low", "close")
    exact = {each: [float(Decimal(repr(p)) * FACTOR) for p in whole[each]] for each in prices}
    whole.with_columns(**{n: pl.Series(v) for n, v in exact.items()}).write_parquet(large)
    first = decided(POLICIES / "bars", plain, tmp_path / "first", 100_000)
    second = decided(scaled, large, tmp_path / "second", 100_000 * FACTOR)
    count = 0
    for one, other in zip(first, second, strict=True):
        assert [relative(e) for e in one.orders] == [relative(e) for e in other.orders], one.now
        sizes = [[float(e.decision.quantity) for e in each.orders] for each in (one, other)]
        # The venue rounds a fee up to the eighth decimal, however much a unit of money is.
        assert sizes[0] == pytest.approx(sizes[1], rel=1e-6), one.now
        assert one.tripped == other.tripped
        assert one.universe == other.universe
        count += len(one.orders)
    assert count >= 50
