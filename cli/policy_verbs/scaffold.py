"""A user's own set: the shipped one, and patches that fit it to the account.

In: what the account is, and the shipped set. Out: the text of the `policyset.yaml`, once with the
shipped shares of equity and once with the larger ones of a small account, where a small share
would not be worth an order. Amounts of money follow the account's size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from cli.policy_verbs.templates import SCHEMAS, Patch
from engine.model.numbers import canonical_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cli.policy_verbs.templates import Shipped
    from engine.kinds.base import Document, Plain

BASE = "conservative"
# Equity moves: the set is written for one a fifth smaller to one a quarter larger.
_SMALLEST, _LARGEST = Decimal("0.8"), Decimal("1.25")
_AMOUNT = re.compile(r"params\.max_([a-z0-9_]*_)?(usd|quantity)")
_NOT_A_NAME = re.compile(r"[^a-z0-9]+")
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9 _./-]*")
_MAX_NAME = 64
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Account:
    """What the set is for."""

    equity: Decimal
    quote_currency: str
    venue: str

    @classmethod
    def smallest_usd(cls, shipped: Shipped) -> Decimal:
        """The smallest equity that a shipped set is written for."""
        return shipped.small_planned_usd[0] / _SMALLEST

    @property
    def planned_usd(self) -> tuple[Decimal, Decimal]:
        """The span of equity that the set is written for."""
        return self.equity * _SMALLEST, self.equity * _LARGEST


def proposals(account: Account, shipped: Shipped, name: str) -> Iterator[str]:
    """The text of a set for the account, the most conservative first."""
    own = [_deployment(account, shipped), _universe(account, shipped)]
    off = [_switched_off(each) for each in shipped.of_kind("Strategy")]
    high = account.planned_usd[1]
    amounts = _amounts(shipped.of_kind("RiskLimit"))
    yield _text(name, account, [*own, *_scaled(amounts, high / shipped.planned_usd), *off])
    small = [each for each in shipped.small if not each.target.startswith("Deployment/")]
    larger = _scaled(small, high / shipped.small_planned_usd[1])
    yield _text(name, account, [*own, *_merged([*larger, *off])])


def set_name(directory_name: str) -> str:
    """A name for the set, from that of its directory."""
    name = _NOT_A_NAME.sub("_", directory_name.lower()).strip("_")[:_MAX_NAME]
    return name if name[:1].isalpha() else f"set_{name}".rstrip("_")[:_MAX_NAME]


def _deployment(account: Account, shipped: Shipped) -> Patch:
    (document,) = shipped.of_kind("Deployment")
    values: dict[str, Plain] = {
        "mode": "paper",
        "venue": account.venue,
        "read_only": False,
        "live_enabled": False,
        "stage": "supervised",
        "equity_planned_usd": list(account.planned_usd),
        "liquidate_into": account.quote_currency,
        "paper.cash": {account.quote_currency: account.equity},
    }
    return Patch(document.id, values, "the account that this set is for, on paper")


def _universe(account: Account, shipped: Shipped) -> Patch:
    (document,) = shipped.of_kind("UniverseFilter")
    values: dict[str, Plain] = {"quote_currencies": [account.quote_currency]}
    spec = document.plain["spec"]
    excluded = spec.get("exclude") if isinstance(spec, dict) else None
    if isinstance(excluded, list):
        # An exclusion of what is not traded anyway would be a knob without a wire.
        values["exclude"] = [each for each in excluded if _quoted_in(each, account.quote_currency)]
    return Patch(document.id, values, "what the account trades against")


def _quoted_in(exclusion: Plain, currency: str) -> bool:
    symbol = exclusion["symbol"] if isinstance(exclusion, dict) else ""
    return str(symbol).endswith(f"-{currency}")


def _switched_off(strategy: Document) -> Patch:
    return Patch(strategy.id, {"enabled": False}, "say true when you have read and simulated it")


def _amounts(limits: Iterable[Document]) -> Iterator[Patch]:
    """The limits in money or in coins, as patches of themselves."""
    for each in limits:
        spec = each.plain["spec"]
        params = spec.get("params") if isinstance(spec, dict) else None
        named = params if isinstance(params, dict) else {}
        dotted = {f"params.{key}": value for key, value in named.items()}
        amounts = {key: value for key, value in dotted.items() if _AMOUNT.fullmatch(key)}
        if amounts:
            yield Patch(each.id, amounts, "in proportion to the account")


def _scaled(patches: Iterable[Patch], factor: Decimal) -> Iterator[Patch]:
    for each in patches:
        values = {key: _amount(key, value, factor) for key, value in each.values.items()}
        yield replace(each, values=values)


def _amount(key: str, value: Plain, factor: Decimal) -> Plain:
    """The value for the account's size, cut to two digits, where it is an amount.

    Of a table by an enum the largest is: the lower ones, as those of the first stages, hold for any
    account. One per asset holds units, and all of them are in proportion.
    """
    if not _AMOUNT.fullmatch(key):
        return value
    if isinstance(value, dict) and "per" in value:
        return {k: _cut(v * factor) if isinstance(v, Decimal) else v for k, v in value.items()}
    if isinstance(value, dict):
        top = _cut(max(each for each in value.values() if isinstance(each, Decimal)) * factor)
        return {k: min(v, top) if isinstance(v, Decimal) else v for k, v in value.items()}
    return _cut(value * factor) if isinstance(value, Decimal) else value


def _cut(scaled: Decimal) -> Decimal:
    step = Decimal(1).scaleb(scaled.adjusted() - _DIGITS + 1)
    return scaled.quantize(step, rounding=ROUND_DOWN)


def _merged(patches: Iterable[Patch]) -> list[Patch]:
    """One patch a document."""
    merged: dict[str, Patch] = {}
    for each in patches:
        known = merged.get(each.target)
        merged[each.target] = replace(known, values=known.values | each.values) if known else each
    return list(merged.values())


def _text(name: str, account: Account, patches: Iterable[Patch]) -> str:
    size = f"{account.equity:,f}"
    head = (
        f"# yaml-language-server: $schema={SCHEMAS}/policy-set.schema.json\n"
        f"# Your own set: what it says otherwise than the shipped one in `{BASE}`.\n"
        "apiVersion: mandate/v1\n"
        "kind: PolicySet\n"
        "metadata:\n"
        f"  name: {name}\n"
        f"  description: Paper trading on {account.venue} with {size} {account.quote_currency}.\n"
        "spec:\n"
        f"  base: {BASE}\n"
        "  patches:\n"
    )
    return head + "".join(_patch_text(each) for each in patches)


def _patch_text(patch: Patch) -> str:
    values = "".join(f"        {key}: {_flow(value)}\n" for key, value in patch.values.items())
    return (
        f"    - target: {patch.target}\n      set:\n{values}      reason: {_flow(patch.reason)}\n"
    )


def _flow(value: Plain) -> str:
    match value:
        case dict():
            return f"{{{', '.join(f'{key}: {_flow(each)}' for key, each in value.items())}}}"
        case list():
            return f"[{', '.join(_flow(each) for each in value)}]"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return canonical_number(value)
        case str() if not _BARE.fullmatch(value):
            return "'" + value.replace("'", "''") + "'"
        case _:
            return str(value)
